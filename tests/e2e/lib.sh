# tests/e2e/lib.sh - what the *.test scripts share. To be sourced.
#
# A test is a function; `check NAME FUNCTION` runs it and prints its TAP line,
# `finish` prints the plan. A test waits for what it needs, with a deadline,
# and never for a time. What a test started in the background ends with it.

SOCKDECK=${SOCKDECK:-build/sockdeck}
DEADLINE=${DEADLINE:-30} # seconds; a busy machine under a sanitizer needs ten
[ -x "$SOCKDECK" ] || {
	echo "Bail out! $SOCKDECK is not built"
	exit 2
}
work=$(mktemp -d) || exit 2
count=0 failures=0 children=''

has_ended() { # PID: of a child that nobody has waited for
	! [ -d "/proc/$1" ] || grep -qs '^State:.*Z' "/proc/$1/status"
}

# What does not end by a signal is killed at the deadline.
stop_children() {
	for pid in $children; do
		kill "$pid" 2>/dev/null
	done
	for pid in $children; do
		until_true has_ended "$pid" || kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	done
	children=''
}
trap 'stop_children; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# check NAME FUNCTION: skip by calling `skip REASON` inside. What the last test
# had from the background is not this one's: its shell may open the file late.
check() {
	count=$((count + 1)) skipped=''
	rm -f "$work"/*.out "$work"/*.err "$work"/*.log "$work/port"
	if "$2" >"$work/log" 2>&1; then
		echo "ok $count - $1${skipped:+ # SKIP $skipped}"
	else
		echo "not ok $count - $1"
		failures=$((failures + 1))
		tail -n 20 "$work/log" | sed 's/^/#   /'
	fi
	stop_children
}

skip() {
	skipped=$1
}

# need PROGRAM: false, and the test is skipped, if it is not installed.
need() {
	command -v "$1" >/dev/null && return
	skip "$1 is not installed"
	return 1
}

finish() {
	echo "1..$count"
	[ "$failures" -eq 0 ]
	exit
}

# until_true COMMAND...: repeat it until it succeeds or the deadline is over.
until_true() {
	tries=$((DEADLINE * 50))
	while ! "$@"; do
		tries=$((tries - 1))
		if [ $tries -eq 0 ]; then
			echo "not in $DEADLINE s: $*"
			return 1
		fi
		sleep 0.02
	done
}

until_line() { # FILE PATTERN
	until_true grep -qs -- "$2" "$1" && return
	cat "$1"
	return 1
}

# exits STATUS COMMAND...: output in $work/out and $work/err.
exits() {
	want=$1
	shift
	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$want" ] && return
	echo "exit status $got, not $want: $*"
	cat "$work/out" "$work/err"
	return 1
}

says() { # FILE PATTERN
	grep -q -- "$2" "$1" && return
	echo "\"$2\" is not in $(basename "$1"):"
	cat "$1"
	return 1
}

# serve ARGS...: a server in the background, ready; sets server, address, port.
serve() {
	rm -f "$work/serve.out"
	"$SOCKDECK" serve "$@" >"$work/serve.out" 2>"$work/serve.err" &
	server=$!
	children="$children $server"
	until_line "$work/serve.out" 'listening on' || {
		cat "$work/serve.err"
		return 1
	}
	address=$(sed -n 's/.*listening on \([^ ]*\) .*/\1/p' \
	    "$work/serve.out")
	port=${address##*:}
}

# background COMMAND...: output in $work/bg.out, standard error too.
background() {
	"$@" >"$work/bg.out" 2>&1 3>&- &
	children="$children $!"
}

# typing COMMAND...: the same, and what is written to descriptor 3 is its
# standard input, until `stop_typing`.
typing() {
	rm -f "$work/keys"
	mkfifo "$work/keys"
	exec 3<>"$work/keys" # does not wait for the other side, as > would
	"$@" <"$work/keys" >"$work/bg.out" 2>&1 3>&- &
	children="$children $!"
}

stop_typing() {
	exec 3>&-
}

# A port that was free a moment ago.
free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
