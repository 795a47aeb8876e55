// SPDX-License-Identifier: GPL-2.0-only
// The testbed in ns-3: a host, a router with a bridge on its side, a host behind the router. UDP datagrams of a few
// bytes go through as fast as they can. Prints how many arrived and the seconds of CPU time they took.
//
//   ns3 DATAGRAMS

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "ns3/bridge-module.h"
#include "ns3/core-module.h"
#include "ns3/csma-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"

using namespace ns3;

static uint64_t received = 0;

static void OnReceive(Ptr<Socket> socket)
{
	while (socket->Recv()) received++;
}

static void SendOne(Ptr<Socket> socket, uint64_t left)
{
	socket->Send(Create<Packet>(18));
	if (left > 1) Simulator::Schedule(MicroSeconds(2), &SendOne, socket, left - 1);
}

int main(int argc, char **argv)
{
	const uint64_t datagrams = argc > 1 ? strtoull(argv[1], nullptr, 10) : 100000;
	NodeContainer nodes;
	nodes.Create(4); // ns1, the bridge, the router, ns2
	CsmaHelper csma;
	csma.SetChannelAttribute("DataRate", StringValue("100Gbps"));
	csma.SetChannelAttribute("Delay", StringValue("1ns"));
	NetDeviceContainer near = csma.Install(NodeContainer(nodes.Get(0), nodes.Get(1)));
	NetDeviceContainer middle = csma.Install(NodeContainer(nodes.Get(1), nodes.Get(2)));
	NetDeviceContainer far = csma.Install(NodeContainer(nodes.Get(2), nodes.Get(3)));
	NetDeviceContainer ports;
	ports.Add(near.Get(1));
	ports.Add(middle.Get(0));
	BridgeHelper bridge;
	bridge.Install(nodes.Get(1), ports);

	InternetStackHelper stack;
	stack.Install(NodeContainer(nodes.Get(0), nodes.Get(2), nodes.Get(3)));
	Ipv4AddressHelper address;
	address.SetBase("192.168.20.0", "255.255.255.0");
	address.Assign(NetDeviceContainer(near.Get(0), middle.Get(1)));
	address.SetBase("10.141.10.0", "255.255.255.0");
	Ipv4InterfaceContainer last = address.Assign(far);
	Ipv4GlobalRoutingHelper::PopulateRoutingTables();

	const TypeId udp = TypeId::LookupByName("ns3::UdpSocketFactory");
	Ptr<Socket> sink = Socket::CreateSocket(nodes.Get(3), udp);
	sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), 5204));
	sink->SetRecvCallback(MakeCallback(&OnReceive));
	Ptr<Socket> source = Socket::CreateSocket(nodes.Get(0), udp);
	source->Connect(InetSocketAddress(last.GetAddress(1), 5204));
	Simulator::Schedule(Seconds(1), &SendOne, source, datagrams);

	const clock_t began = clock();
	Simulator::Run();
	const double seconds = double(clock() - began) / CLOCKS_PER_SEC;
	std::cout << received << " " << seconds << std::endl;
	Simulator::Destroy();
	return 0;
}
