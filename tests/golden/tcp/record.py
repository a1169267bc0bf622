#!/usr/bin/env python3
"""Record the rec_*.pcap beside this: real TCP of this kernel, in two network
namespaces with a TUN device each, joined by this program, which drops, doubles
and swaps packets as a scenario says. Needs root: record.py [NAME]...

Times and numbers differ each time, and often what the kernel does: so these
captures are kept, and made anew only for a reason.
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SNAP = 96
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
ADDRESS = {4: ('10.9.0.1', '10.9.0.2'), 6: ('fd09::1', 'fd09::2')}


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'setns')


class Host:
    """A network namespace with one TUN device."""

    def __init__(self, index, home):
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        self.ns = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
        self.tun = os.open('/dev/net/tun', os.O_RDWR)
        fcntl.ioctl(self.tun, 0x400454ca, struct.pack('16sH', b't0', 0x1001))
        for command in ('ip link set lo up', 'ip link set t0 mtu 1500 up',
                        'ip addr add %s/24 dev t0' % ADDRESS[4][index],
                        'ip addr add %s/64 dev t0 nodad' % ADDRESS[6][index]):
            subprocess.run(command.split(), check=True)
        enter(home)

    def sysctl(self, name, value):
        self.run(lambda: open('/proc/sys/net/ipv4/' + name, 'w').write(value))

    def run(self, f):
        """f, in a thread of this namespace."""
        def inside():
            enter(self.ns)
            f()
        t = threading.Thread(target=inside, daemon=True)
        t.start()
        t.join(20)

    def spawn(self, f):
        def inside():
            enter(self.ns)
            f()
        t = threading.Thread(target=inside, daemon=True)
        t.start()
        return t


class Wire(threading.Thread):
    """Carries packets; rule(direction, n, ip) says what becomes of the n-th
    segment with data of its direction: '' or 'drop', 'twice', 'later'."""

    def __init__(self, hosts, rule):
        super().__init__(daemon=True)
        self.tuns, self.rule = [h.tun for h in hosts], rule
        self.packets, self.held, self.count, self.stop = [], [], [0, 0], False

    def run(self):
        while not self.stop:
            for fd in select.select(self.tuns, [], [], 0.02)[0]:
                self.carry(self.tuns.index(fd), os.read(fd, 65535))

    def carry(self, d, ip):
        if ip[0] >> 4 == 6 and ip[6] != 6:
            return  # neighbours and routers are nobody's business here
        self.packets.append((time.time_ns(), ip))
        off = 40 if ip[0] >> 4 == 6 else 20
        header, flags = ip[off + 12] // 16 * 4, ip[off + 13]
        data = len(ip) > off + header
        self.count[d] += data
        what = self.rule(d, self.count[d] if data else 0, flags) or ''
        out = self.tuns[1 - d]
        if what == 'later':
            self.held.append((d, ip))
            return
        if what != 'drop':
            os.write(out, ip)
        if what == 'twice':
            self.packets.append((time.time_ns(), ip))
            os.write(out, ip)
        if data or flags & 1:
            for direction, held in self.held:
                os.write(self.tuns[1 - direction], held)
            self.held = []

    def save(self, name):
        self.stop = True
        self.join()
        with open('%s/rec_%s.pcap' % (HERE, name), 'wb') as f:
            f.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, SNAP, 101))
            for ns, ip in self.packets:
                f.write(struct.pack('<IIII', ns // 10**9, ns % 10**9,
                                    min(len(ip), SNAP), len(ip)) + ip[:SNAP])


class Talk:
    """One scenario: server and client are run in their namespaces."""
    ip, rule = 4, staticmethod(lambda d, n, flags: '')
    sysctls = {}

    def listen(self):
        s = socket.socket(socket.AF_INET6 if self.ip == 6 else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.prepare(s)
        s.bind((ADDRESS[self.ip][1], 7000))
        s.listen(8)
        self.ready.set()
        return s

    def prepare(self, s):
        pass

    def connect(self):
        self.ready.wait()
        s = socket.socket(socket.AF_INET6 if self.ip == 6 else socket.AF_INET)
        self.prepare(s)
        s.connect((ADDRESS[self.ip][1], 7000))
        return s

    def server(self):
        with self.listen() as listener:
            with listener.accept()[0] as s:
                while s.recv(65536):
                    pass

    def client(self):
        with self.connect() as s:
            s.sendall(bytes(30000))
            s.shutdown(socket.SHUT_WR)
            s.recv(1)

    def play(self, hosts, name):
        self.ready = threading.Event()
        for host in hosts:
            for key, value in self.sysctls.items():
                host.sysctl(key, value)
        wire = Wire(hosts, self.rule)
        wire.start()
        threads = [hosts[1].spawn(self.server), hosts[0].spawn(self.client)]
        for t in threads:
            t.join(30)
        time.sleep(0.3)
        wire.save(name)


class Bulk(Talk):
    pass


class Bulk6(Talk):
    ip = 6


class Lost(Talk):
    rule = staticmethod(lambda d, n, f: 'drop' if d == 0 and n in (6, 7, 15)
                        else '')


class LostNoSack(Lost):
    sysctls = {'tcp_sack': '0', 'tcp_recovery': '0', 'tcp_early_retrans': '0'}


class LostTail(Talk):
    rule = staticmethod(lambda d, n, f: 'drop' if d == 0 and n in (20, 21, 22)
                        else '')


class LostSyn(Talk):
    def __init__(self):
        self.seen = set()

    def rule(self, d, n, flags):
        if flags & 2 and d not in self.seen:
            self.seen.add(d)
            return 'drop'
        return ''


class LostFin(LostSyn):
    def rule(self, d, n, flags):
        if flags & 1 and d not in self.seen:
            self.seen.add(d)
            return 'drop'
        return ''


class Twice(Talk):
    rule = staticmethod(lambda d, n, f: 'twice' if d == 0 and n in (4, 9)
                        else '')


class Swapped(Talk):
    rule = staticmethod(lambda d, n, f: 'later' if d == 0 and n in (4, 9, 10)
                        else '')


class Ecn(Talk):
    sysctls = {'tcp_ecn': '1'}


class Plain(Talk):
    """Neither scaling, nor SACK, nor timestamps."""
    sysctls = {'tcp_window_scaling': '0', 'tcp_sack': '0',
               'tcp_timestamps': '0'}


class ZeroWindow(Talk):
    def prepare(self, s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2500)

    def server(self):
        with self.listen() as listener:
            with listener.accept()[0] as s:
                time.sleep(1.5)
                while s.recv(65536):
                    pass


class KeepAlive(Talk):
    def prepare(self, s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)

    def client(self):
        with self.connect() as s:
            s.sendall(b'hello')
            time.sleep(3.2)


class Refused(Talk):
    def server(self):
        self.ready.set()

    def client(self):
        try:
            self.connect()
        except ConnectionRefusedError:
            pass


class Reset(Talk):
    """Closed with data unread, then written to."""

    def server(self):
        with self.listen() as listener:
            s = listener.accept()[0]
            time.sleep(0.1)
            s.close()

    def client(self):
        with self.connect() as s:
            s.sendall(b'never read')
            time.sleep(0.3)


class HalfClose(Talk):
    def server(self):
        with self.listen() as listener:
            with listener.accept()[0] as s:
                while s.recv(65536):
                    pass
                for _ in range(3):
                    s.sendall(b'still here')
                    time.sleep(0.05)

    def client(self):
        with self.connect() as s:
            s.sendall(b'that was all')
            s.shutdown(socket.SHUT_WR)
            while s.recv(100):
                pass


class BothClose(Talk):
    def server(self):
        with self.listen() as listener:
            with listener.accept()[0] as s:
                self.sync.wait()
                s.shutdown(socket.SHUT_WR)
                s.recv(1)

    def client(self):
        with self.connect() as s:
            time.sleep(0.1)
            self.sync.wait()
            s.shutdown(socket.SHUT_WR)
            s.recv(1)

    def play(self, hosts, name):
        self.sync = threading.Barrier(2)
        super().play(hosts, name)


class BothOpen(Talk):
    """Both connect from fixed ports at once."""

    def dial(self, me):
        s = socket.socket()
        s.bind((ADDRESS[4][me], 7000 + me))
        self.sync.wait()
        for _ in range(50):
            try:
                s.connect((ADDRESS[4][1 - me], 7001 - me))
                break
            except ConnectionRefusedError:
                s.close()
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((ADDRESS[4][me], 7000 + me))
        s.sendall(b'hello')
        s.recv(100)
        s.close()

    def server(self):
        self.dial(1)

    def client(self):
        self.dial(0)

    def play(self, hosts, name):
        self.sync = threading.Barrier(2)
        super().play(hosts, name)


class PortReuse(Talk):
    def server(self):
        with self.listen() as listener:
            for _ in range(2):
                with listener.accept()[0] as s:
                    s.recv(100)

    def client(self):
        self.ready.wait()
        for _ in range(2):
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack('ii', 1, 0))
                s.bind((ADDRESS[4][0], 41000))
                s.connect((ADDRESS[4][1], 7000))
                s.sendall(b'again')
                time.sleep(0.1)


SCENARIOS = {
    'bulk': Bulk, 'bulk6': Bulk6, 'lost': Lost, 'lost_no_sack': LostNoSack,
    'lost_tail': LostTail, 'lost_syn': LostSyn, 'lost_fin': LostFin,
    'twice': Twice, 'swapped': Swapped, 'ecn': Ecn, 'plain': Plain,
    'zero_window': ZeroWindow, 'keep_alive': KeepAlive, 'refused': Refused,
    'reset': Reset, 'half_close': HalfClose, 'both_close': BothClose,
    'both_open': BothOpen, 'port_reuse': PortReuse,
}

if __name__ == '__main__':
    home = os.open('/proc/thread-self/ns/net', os.O_RDONLY)
    for name in sys.argv[1:] or SCENARIOS:
        hosts = [Host(0, home), Host(1, home)]
        SCENARIOS[name]().play(hosts, name)
        for host in hosts:
            os.close(host.tun)
            os.close(host.ns)
        print(name)
