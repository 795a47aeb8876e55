#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# What stands on a script's PATH as ip, nft, nc and the rest: one client of the run's server, told by
# the name it is called by which program it is. The program itself runs in the server; this process
# lends it its standard files, its signals and its end. No modules, and what few commands need is
# compiled only when it is needed: start-up time is what counts.
#
# Frames both ways: length of the payload (4 bytes, big-endian), type (1 byte), payload.

my ($bin, $name) = $0 =~ m{^(.*)/([^/]*)$} or die "simns: called as $0\n";
(my $dir = $bin) =~ s{/[^/]*$}{};
my ($buf, $want, $child) = ('', 0, 0);

sub put {
	my $m = pack('NC', length $_[1], ord $_[0]) . $_[1];
	my $at = 0;
	while ($at < length $m) {
		my $n = syswrite S, $m, length($m) - $at, $at;
		if (!defined $n) {
			next if $! == 4;
			exit 125;
		}
		$at += $n;
	}
}

# Writes everything; returns 0 or the error.
sub out {
	my ($fd, $data) = @_;
	my $f = $fd == 1 ? \*STDOUT : \*STDERR;
	my $at = 0;
	while ($at < length $data) {
		my $n = syswrite $f, $data, length($data) - $at, $at;
		if (!defined $n) {
			next if $! == 4;
			if ($! == 11) {
				vec(my $w = '', $fd, 1) = 1;
				select undef, $w, undef, undef;
				next;
			}
			return $! + 0;
		}
		$at += $n;
	}
	return 0;
}

# What the server says. Most commands hear nothing but these.
sub obey {
	my ($type, $p) = @_;
	if ($type eq 'W') {
		my $err = out(ord $p, substr $p, 1);
		put('w', pack 'CNN', ord $p, length($p) - 1, $err);
	} elsif ($type eq 'L') {
		my ($fd, $pos) = unpack 'CA*', $p;
		sysseek $fd == 0 ? STDIN : $fd == 1 ? STDOUT : STDERR, $pos, 0;
	} elsif ($type eq 'X') {
		exit ord $p;
	} else {
		more() if !defined &obey_more;
		obey_more($type, $p);
	}
}

# Makes the rest of this program, which stands behind its end.
sub more {
	local $/;
	eval <DATA>;
	die $@ if $@;
}

# Chance by name on the command line is the run's: the server gives a file of it, which is already
# unlinked, and the real tool reads that.
if ($name eq 'dd' || $name eq 'head' || $name eq 'od') {
	more();
	real(@ARGV) if !grep { /^(if=)?\/dev\/u?random$/ } @ARGV;
} elsif ($name eq 'ps') {
	more();
	real(@ARGV) if @ARGV != 1 || $ARGV[0] !~ /^-x?af$/;
}

binmode STDIN;
socket(S, 1, 1, 0) && connect(S, pack 'Sa108', 1, "$dir/s") or do {
	print STDERR "simns: no server behind $name: $!\n";
	exit 125;
};
put('H', pack '(N/a*)*', $$, $ENV{SIMNS_NETNS} // '', $ENV{SIMNS_VRF} // '', $ENV{PATH} // '',
	$name, @ARGV);

for (;;) {
	while (length $buf >= 5) {
		my ($len, $type) = unpack 'NC', $buf;
		last if length $buf < 5 + $len;
		my $payload = substr $buf, 5, $len;
		substr $buf, 0, 5 + $len, '';
		obey(chr $type, $payload);
	}
	if ($want > 0) {
		my $r = '';
		vec($r, 0, 1) = 1;
		vec($r, fileno S, 1) = 1;
		next if select($r, undef, undef, undef) <= 0;
		if (!vec $r, fileno S, 1) {
			take();
			next;
		}
	}
	my $n = sysread S, $buf, 1 << 17, length $buf;
	next if !defined $n && $! == 4;
	exit 125 if !$n;
}

__END__
my @signame = split ' ', 'ZERO HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM';

# The command of that name behind our own folder on PATH takes this process over.
sub real {
	for my $d (split /:/, $ENV{PATH}) {
		next if $d eq $bin;
		my $f = ($d eq '' ? '.' : $d) . "/$name";
		exec { $f } $name, @_ if -x $f && !-d _;
	}
	print STDERR "$name: command not found\n";
	exit 127;
}

# Takes what standard input has at this moment, at most $want bytes.
sub take {
	my ($data, $flag) = ('', 0);
	while (length $data < $want) {
		vec(my $r = '', 0, 1) = 1;
		last if select($r, undef, undef, 0) <= 0;
		my $n = sysread STDIN, $data, $want - length $data, length $data;
		if (!defined $n) {
			next if $! == 4;
			last if $! == 11;
			$flag = 2;
			$data = pack 'N', $! if $data eq '';
			last;
		}
		if ($n == 0) {
			$flag = 1;
			last;
		}
	}
	$want = 0;
	put('r', chr($flag) . $data);
}

sub run_child {
	my ($foreground, @argv) = unpack '(N/a*)*', $_[0];
	setpgrp 0, 0 unless $foreground;
	$child = fork;
	if (!defined $child) {
		print STDERR "timeout: fork system call failed: $!\n";
		put('d', pack 'N', 125 << 8);
		return;
	}
	if ($child == 0) {
		close S;
		exec { $argv[0] } @argv;
		my $e = $! + 0;
		print STDERR "timeout: failed to run command \xe2\x80\x98$argv[0]\xe2\x80\x99: $!\n";
		exit($e == 2 ? 127 : 126);
	}
	for my $s (qw(HUP INT QUIT TERM)) {
		$SIG{$s} = sub { kill $s, $child };
	}
	put('t', pack 'N', $child);
	1 while waitpid($child, 0) != $child && $! == 4;
	put('d', pack 'N', $?);
}

sub run_exec {
	my ($fail, $nenv, @list) = unpack '(N/a*)*', $_[0];
	for (splice @list, 0, $nenv) {
		my ($k, $v) = split /=/, $_, 2;
		if (defined $v) { $ENV{$k} = $v }
		else { delete $ENV{$k} }
	}
	my $path = shift @list;
	exec { $path } @list;
	print STDERR "$fail: $!\n";
	exit 1;
}

sub obey_more {
	my ($type, $p) = @_;
	if ($type eq 'R') {
		$want = unpack 'N', $p;
	} elsif ($type eq 'N') {
		$want = unpack 'N', $p;
		take();
	} elsif ($type eq 'K') {
		my $n = ord $p;
		$SIG{$signame[$n]} = sub { put('s', chr $n) };
	} elsif ($type eq 'S') {
		my $n = ord $p;
		$SIG{$signame[$n]} = 'DEFAULT';
		kill $n, $$;
		sleep 1;
		exit 128 + $n;
	} elsif ($type eq 'E') {
		run_exec($p);
	} elsif ($type eq 'U') {
		$^F = 255;
		open F, '<', $p or die "$name: $p: $!\n";
		unlink $p;
		my $fd = fileno F;
		s{^(if=)?/dev/u?random$}{($1 // '') . "/dev/fd/$fd"}e for @ARGV;
		real(@ARGV);
	} elsif ($type eq 'T') {
		run_child($p);
	}
}

1;
