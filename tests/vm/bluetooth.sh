# tests/vm/bluetooth.sh - in the guest: two controllers, both powered and to be
# found, and BlueZ's SDP server. To be sourced; VM is the machine's directory.
#
#   hci0  $camera  named ThermalCam
#   hci1  $client  what the kernel takes when nobody chooses (the newest)
#
# Everything goes through bluetoothd: what is set behind its back it undoes.
export LD_LIBRARY_PATH="$VM/root/usr/lib/x86_64-linux-gnu"
PATH=$VM/root/usr/libexec/bluetooth:$VM/root/usr/bin:$VM/root/bin:$PATH
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
camera=00:AA:01:00:00:00 client=00:AA:01:01:00:01

# await WHAT COMMAND...: until it succeeds, 60 s at most.
await() {
	what=$1 tries=600
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "vm: no $what"; return 1; }
		sleep 0.1
	done
}

set_property() { # hciN NAME TYPE:VALUE
	dbus-send --system --print-reply --dest=org.bluez "/org/bluez/$1" \
	    org.freedesktop.DBus.Properties.Set string:org.bluez.Adapter1 \
	    "string:$2" "variant:$3" 2>&1 | grep -q '^method return'
}

both_up() {
	[ "$(hciconfig | grep -c 'UP RUNNING PSCAN ISCAN')" = 2 ]
}

start_bluetooth() {
	mkdir -p /run/dbus /run/lock
	dbus-daemon --config-file=tests/vm/dbus.conf --nofork \
	    >/mnt/dbus.log 2>&1 &
	await 'D-Bus' test -S /run/dbus/system_bus_socket || return
	printf '[General]\nDiscoverableTimeout=0\n[Policy]\nAutoEnable=false\n' \
	    >/run/bluetoothd.conf
	bluetoothd -n -C -P '*' -f /run/bluetoothd.conf \
	    >/mnt/bluetoothd.log 2>&1 &
	await 'SDP server' test -S /run/sdp || return
	btvirt -B -l2 >/mnt/btvirt.log 2>&1 &
	btvirt=$!
	await 'controllers' test -e /sys/class/bluetooth/hci1 || return
	for hci in hci0 hci1; do
		await "$hci powered" \
		    set_property $hci Powered boolean:true || return
		await "$hci discoverable" \
		    set_property $hci Discoverable boolean:true || return
	done
	set_property hci0 Alias string:ThermalCam
	await 'controllers in service' both_up || return
	# Pairing of its own accord races with a first connect() behind an SDP
	# query: EACCES or ECONNREFUSED.
	for hci in hci0 hci1; do
		hciconfig $hci sspmode 0
	done
}
