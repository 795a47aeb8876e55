# SPDX-License-Identifier: GPL-2.0-only
# Runs beside a script on a real kernel and writes down what every network namespace sees: each frame of
# each device, the devices themselves, and the ruleset at the namespace's end.
#
#   perl watch.pl DIR        until SIGTERM
#
# DIR/ready        made when it listens
# DIR/devices      lines: add NS IFINDEX NAME MAC [d] | del NS IFINDEX | ns NS NAME | lost NS COUNT
# DIR/frames.NS    slots of the ring as the kernel filled them (answer.ts reads them)
# DIR/ruleset.NS   what nft lists when the name of the namespace goes, or at the end
#
# A socket per namespace that hears every device from its first frame on, instead of a tcpdump for each device,
# which would come too late. Perl alone, without a module, so that it runs in the smallest guest.
use strict;
use warnings;

my ($dir) = @ARGV;
my ($AF_PACKET, $AF_NETLINK, $SOCK_RAW) = (17, 16, 3);
my ($SOL_SOCKET, $SOL_PACKET, $CLONE_NEWNET) = (1, 263, 0x40000000);
my $arm = `uname -m` =~ /aarch64/;
my %nr = $arm
	? (read => 63, mmap => 222, setns => 268, inotify_init1 => 26, inotify_add_watch => 27)
	: (read => 0, mmap => 9, setns => 308, inotify_init1 => 294, inotify_add_watch => 254);

# the ring of a namespace: the kernel copies a frame into it when it comes, as much of it as fits into a slot
my ($SLOT, $SLOTS, $BLOCK) = (256, 1 << 15, 1 << 16);
my $size = $SLOT * $SLOTS;
my $next_address = 0x6000 << 32;
open my $zeros, '<', '/dev/zero' or die "/dev/zero: $!\n";

my %ns;
my @waiting;
my ($count, $stop) = (0, 0);
$SIG{TERM} = sub { $stop = 1 };
$SIG{$_} = 'IGNORE' for qw(INT HUP PIPE);
setpriority 0, 0, -20;
open my $events, '>', "$dir/devices" or die "$dir/devices: $!\n";
select((select($events), $| = 1)[0]);
open my $home, '<', '/proc/self/ns/net' or die "no network namespaces: $!\n";

sub enter { return syscall($nr{setns}, fileno $_[0], $CLONE_NEWNET) == 0 }

sub hear {
	my ($name, $fd) = @_;
	my $n = { id => $count++, name => $name, fd => $fd };
	socket $n->{packets}, $AF_PACKET, $SOCK_RAW, 0 or return warn "packet socket: $!\n";
	# until the ring is there the socket hears nothing
	setsockopt $n->{packets}, $SOL_PACKET, 10, pack 'l', 1 or return warn "TPACKET_V2: $!\n";
	setsockopt $n->{packets}, $SOL_PACKET, 5, pack 'L4', $BLOCK, $size / $BLOCK, $SLOT, $SLOTS
		or return warn "packet ring: $!\n";
	$n->{ring} = $next_address;
	$next_address += $size;
	syscall($nr{mmap}, $n->{ring}, $size, 3, 0x100001, fileno $n->{packets}, 0) == $n->{ring}
		or return warn "mmap of the ring: $!\n";
	$n->{at} = 0;
	bind $n->{packets}, pack 'S n l S C C x8', $AF_PACKET, 3, 0, 0, 0, 0 or return warn "packet socket: $!\n";
	socket $n->{links}, $AF_NETLINK, $SOCK_RAW, 0 or return warn "netlink socket: $!\n";
	setsockopt $n->{links}, $SOL_SOCKET, 33, pack 'l', 8 << 20;
	bind $n->{links}, pack 'S S L L', $AF_NETLINK, 0, 0, 1;
	send $n->{links}, pack('L S S L L C x L3', 32, 18, 0x301, 1, 0, 0, 0, 0, 0) . "\0" x 2, 0;
	open $n->{file}, '>:raw', "$dir/frames.$n->{id}" or die "$dir: $!\n";
	print $events "ns $n->{id} $name\n";
	$ns{$name} = $n;
	return 1;
}

sub take_links {
	my ($n) = @_;
	my $buf;
	while (defined recv $n->{links}, $buf, 1 << 16, 0x40) {
		last if length $buf < 16;
		for (my $at = 0; $at + 16 <= length $buf;) {
			my ($len, $type) = unpack 'L S', substr $buf, $at;
			last if $len < 16;
			my $m = substr $buf, $at, $len;
			$at += $len + 3 & ~3;
			next if $type != 16 && $type != 17 || $len < 32;
			my $index = unpack 'l', substr $m, 20;
			# a port that leaves its bridge is a message of AF_BRIDGE
			next if unpack('C', substr $m, 16) != 0;
			if ($type == 17) { print $events "del $n->{id} $index\n"; next }
			my ($name, $mac) = ('', '');
			for (my $a = 32; $a + 4 <= $len;) {
				my ($l, $t) = unpack 'S S', substr $m, $a;
				last if $l < 4;
				$name = unpack 'Z*', substr $m, $a + 4, $l - 4 if $t == 3;
				$mac = join ':', map { sprintf '%02x', $_ } unpack 'C*', substr $m, $a + 4, $l - 4 if $t == 1;
				$a += $l + 3 & ~3;
			}
			print $events "add $n->{id} $index $name $mac\n" if $name ne '';
		}
	}
}

sub take_frames {
	my ($n) = @_;
	my $all = 0;
	for (;;) {
		my $room = $SLOTS - $n->{at} < 64 ? $SLOTS - $n->{at} : 64;
		my $address = $n->{ring} + $n->{at} * $SLOT;
		my $text = unpack "P" . $room * $SLOT, pack 'Q', $address;
		my $got = 0;
		$got++ while $got < $room && unpack('L', substr $text, $got * $SLOT, 4) & 1;
		last if $got == 0;
		print { $n->{file} } substr $text, 0, $got * $SLOT;
		# a status of 0 gives a slot back
		syscall $nr{read}, fileno $zeros, $address, $got * $SLOT;
		$n->{at} = ($n->{at} + $got) % $SLOTS;
		$all += $got;
	}
	return $all;
}

# the last look at a namespace
sub leave {
	my ($n) = @_;
	my $pid = fork;
	if (defined $pid && $pid == 0) {
		enter($n->{fd});
		open STDOUT, '>', "$dir/ruleset.$n->{id}";
		open STDERR, '>', '/dev/null';
		exec 'nft', 'list', 'ruleset' or exit 127;
	}
	waitpid $pid, 0 if defined $pid;
	take_links($n);
	take_frames($n);
	my $stats = getsockopt $n->{packets}, $SOL_PACKET, 6;
	my (undef, $lost) = unpack 'L L', $stats // '';
	print $events "lost $n->{id} $lost\n" if $lost;
	close $n->{file};
	close $n->{packets};
	delete $ns{$n->{name}} if ($ns{$n->{name}} // 0) == $n;
}

# the name is there some moments before the namespace
sub open_waiting {
	my @later;
	for my $name (@waiting) {
		next if $ns{$name} || !-e "/run/netns/$name";
		if (open my $fd, '<', "/run/netns/$name") {
			if (enter($fd)) {
				hear($name, $fd);
				enter($home);
				next;
			}
		}
		push @later, $name;
	}
	@waiting = @later;
}

mkdir '/run/netns';
hear('init', $home) or exit 1;
my $watch = syscall $nr{inotify_init1}, 0x800;
my $path = '/run/netns';
$watch < 0 and die "inotify: $!\n";
syscall($nr{inotify_add_watch}, $watch, $path, 0x100 | 0x200) < 0 and die "inotify: $!\n";
open my $names_change, '<&=', $watch or die "inotify: $!\n";
if (opendir my $h, $path) { push @waiting, grep { !/^\.\.?$/ } readdir $h }

sub take_names {
	my $got = 0;
	while (sysread $names_change, my $buf, 1 << 16) {
		$got = 1;
		for (my $at = 0; $at + 16 <= length $buf;) {
			my ($mask, $len) = unpack 'x4 L x4 L', substr $buf, $at;
			my $name = unpack 'Z*', substr $buf, $at + 16, $len;
			$at += 16 + $len;
			if ($mask & 0x200) {
				@waiting = grep { $_ ne $name } @waiting;
				leave($ns{$name}) if $ns{$name};
			}
			push @waiting, $name if $mask & 0x100;
		}
	}
	return $got;
}

open my $ready, '>', "$dir/ready";
close $ready;
until ($stop) {
	my $bits = '';
	vec($bits, $watch, 1) = 1;
	# what came in a short while is taken together
	my $only_names = $bits;
	for my $n (values %ns) {
		vec($bits, fileno $n->{packets}, 1) = 1;
		vec($bits, fileno $n->{links}, 1) = 1;
	}
	select my $r = $bits, undef, undef, @waiting ? 0.001 : 1;
	take_names();
	open_waiting();
	my $busy = 0;
	for my $n (values %ns) {
		take_links($n);
		$busy += take_frames($n);
	}
	select $r = $only_names, undef, undef, 0.003 if $busy && !@waiting;
}
take_names();
open_waiting();
leave($_) for values %ns;
close $events;
