# SPDX-License-Identifier: GPL-2.0-only
# Runs a script on a real kernel, in the guest or in namespaces of the host, with watch.pl beside it.
#
#   bash run.sh WATCH RESULTS SECONDS FOLDER COMMAND...
#
# RESULTS gets stdout, stderr, rc, timeout (when it took longer), and what watch.pl writes.
watch=$1 results=$2 seconds=$3 folder=$4
shift 4
perl "$watch" "$results" 2>"$results/watch.err" &
watcher=$!
for _ in {1..200}; do
	[ -e "$results/ready" ] && break
	kill -0 "$watcher" 2>/dev/null || break
	sleep 0.05
done
cd "$folder" || exit 1
setsid "$@" </dev/null >"$results/stdout" 2>"$results/stderr" &
child=$!
(
	exec >/dev/null 2>&1
	sleep "$seconds"
	: >"$results/timeout"
	kill -TERM -- "-$child"
	sleep 2
	kill -KILL -- "-$child"
) &
clock=$!
wait "$child"
echo $? >"$results/rc"
kill -KILL "$clock"
wait "$clock" 2>/dev/null
# what it left behind gets a moment to end by itself
sleep 0.1
kill -TERM "$watcher" 2>/dev/null
wait "$watcher"
