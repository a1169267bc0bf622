#!/usr/bin/env python3
"""Write the captures that cases.txt describes: write.py CASES DIRECTORY

A case is a line "case NAME [OPTION]...", with lines below it that are packets:

    MILLISECONDS >|< FLAGS [WORD [VALUE]]...

">" is sent by the client 10.0.0.1:40000, "<" by the server 10.0.0.2:50007. Both
number their segments and acknowledge what has arrived, so most lines need no
more than "len 100". Numbers are relative to the initial ones. Words:

    len N           bytes of payload
    seq N  ack N    instead of what would come next
    win N           window as in the header, kept for what follows but a RST
    mss N  ws N  sackok  ts    options of a SYN (ts: for all that follows)
    sack A-B,C-D    SACK blocks, relative to the other's numbers
    lost            captured, but never arrives
    unseen          arrives, but was not captured
    isn N           a new connection on the same ports, with this number
    ports C S       other ports, from this packet on
    ce              the IP header says "congestion experienced"
    frag N          in IP fragments of N bytes
    only N          of these fragments, not the last N

Options of a case: ip6, vlan N, isn C S.
"""
import struct
import sys

FLAGS = dict(FIN=1, SYN=2, RST=4, PSH=8, ACK=16, URG=32, ECE=64, CWR=128)


class End:
    """One end of the connection: what it sent and what reached it."""

    def __init__(self, ip4, ip6, port, isn):
        self.ip4, self.ip6, self.port, self.isn = ip4, ip6, port, isn
        self.window, self.ts = 65535, False
        self.restart(isn)

    def restart(self, isn):
        self.isn, self.next, self.got = isn, 0, []

    def take(self, start, end):
        self.got = [g for g in self.got if g] + [(start, end)]

    def expects(self):
        at = 0
        for start, end in sorted(self.got):
            if start <= at:
                at = max(at, end)
        return at


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Case:
    def __init__(self, words):
        self.name, self.packets, self.id = words[0], [], 0
        self.ip6 = 'ip6' in words[1:]
        self.vlan = int(words[words.index('vlan', 1) + 1]) if 'vlan' in words[1:] else 0
        isn = [1000000, 2000000]
        if 'isn' in words:
            at = words.index('isn')
            isn = [int(words[at + 1]), int(words[at + 2])]
        self.ends = [End(b'\x0a\0\0\x01', b'\xfd' + b'\0' * 14 + b'\x01', 40000,
                         isn[0]),
                     End(b'\x0a\0\0\x02', b'\xfd' + b'\0' * 14 + b'\x02', 50007,
                         isn[1])]

    def options(self, me, peer, syn, has, ts_ms):
        out = b''
        if 'mss' in has:
            out += struct.pack('>BBH', 2, 4, int(has['mss']))
        if 'sackok' in has:
            out += b'\x04\x02'
        if 'ws' in has:
            out += b'\x01' + struct.pack('>BBB', 3, 3, int(has['ws']))
        if me.ts:
            out += struct.pack('>BBBBII', 1, 1, 8, 10, int(ts_ms), int(ts_ms))
        if 'sack' in has:
            blocks = [b.split('-') for b in has['sack'].split(',')]
            out += struct.pack('>BBBB', 1, 1, 5, 2 + 8 * len(blocks))
            for b in blocks:
                out += struct.pack('>II', *((peer.isn + int(n)) & 0xffffffff
                                            for n in b))
        return out + b'\0' * (-len(out) % 4)

    def packet(self, words):
        ms, direction, flags = float(words[0]), words[1], words[2]
        has, rest = {}, words[3:]
        while rest:
            n = {'lost': 0, 'unseen': 0, 'sackok': 0, 'ts': 0, 'ce': 0,
                 'ports': 2}.get(rest[0], 1)
            has[rest[0]] = rest[1] if n == 1 else rest[1:1 + n]
            rest = rest[1 + n:]
        me, peer = self.ends if direction == '>' else self.ends[::-1]
        if 'ports' in has:
            self.ends[0].port, self.ends[1].port = map(int, has['ports'])
        if 'isn' in has:
            me.restart(int(has['isn']))
            me.got = peer.got = []
            peer.next = 0
        window = int(has.get('win', me.window))
        me.ts = me.ts or 'ts' in has
        bits = sum(FLAGS[f] for f in flags.split(',') if f != '-')
        if not bits & FLAGS['RST']:
            me.window = window
        length = int(has.get('len', 0))
        seq = int(has.get('seq', me.next))
        end = seq + length + ((bits & 3) != 0)
        ack = int(has.get('ack', me.expects())) if bits & 16 else None
        options = self.options(me, peer, bits & 2, has, ms)
        tcp = struct.pack(
            '>HHIIBBHHH', me.port, peer.port, (me.isn + seq) & 0xffffffff,
            (peer.isn + ack) & 0xffffffff if ack is not None else 0,
            (20 + len(options)) // 4 << 4, bits, window, 0, 0)
        tcp += options + bytes((seq + i) % 251 for i in range(length))
        me.next = max(me.next, end)
        if 'lost' not in has:
            peer.take(seq, end)
        if 'unseen' not in has:
            self.send(ms, me, peer, tcp, has)

    def send(self, ms, me, peer, tcp, has):
        a, b = (me.ip6, peer.ip6) if self.ip6 else (me.ip4, peer.ip4)
        tcp = tcp[:16] + struct.pack('>H', checksum(
            a + b + struct.pack('>II', len(tcp), 6) + tcp)) + tcp[18:]
        self.id += 1
        step = int(has.get('frag', len(tcp)))
        parts = [(at, tcp[at:at + step]) for at in range(0, len(tcp), step)]
        kept = parts[:len(parts) - int(has.get('only', 0))]
        for n, (at, data) in enumerate(kept):
            more = (at + step < len(tcp))
            self.frame(ms + n * 0.01, a, b, at, more, len(parts) > 1, data,
                       3 if 'ce' in has else 0)

    def frame(self, ms, a, b, at, more, fragment, data, ecn):
        if self.ip6:
            proto, extra = 6, b''
            if fragment:
                proto, extra = 44, struct.pack('>BBHI', 6, 0, at | more, self.id)
            ip = struct.pack('>IHBB', 6 << 28 | ecn << 20, len(extra + data),
                             proto, 64) + a + b + extra
        else:
            ip = struct.pack('>BBHHHBBH', 0x45, ecn, 20 + len(data), self.id,
                             at // 8 | more << 13, 64, 6, 0) + a + b
            ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
        link = bytes([2, 0, 0, 0, 0, b[-1], 2, 0, 0, 0, 0, a[-1]])
        if self.vlan:
            link += struct.pack('>HH', 0x8100, self.vlan)
        link += struct.pack('>H', 0x86dd if self.ip6 else 0x0800)
        self.packets.append((round(ms * 1000), link + ip + data))

    def write(self, directory):
        with open('%s/%s.pcap' % (directory, self.name), 'wb') as f:
            f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for us, data in self.packets:
                us += 1700000000 * 1000000
                f.write(struct.pack('<IIII', us // 1000000, us % 1000000,
                                    len(data), len(data)) + data)


def read(path):
    case = None
    with open(path) as f:
        for number, line in enumerate(f, 1):
            words = line.split('#')[0].split()
            if words and words[0] == 'case':
                if case:
                    yield case
                case = Case(words[1:])
            elif words:
                try:
                    case.packet(words)
                except (ValueError, IndexError, KeyError) as e:
                    sys.exit('%s:%d: %r: %s' % (path, number, e, line))
    if case:
        yield case


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for c in read(sys.argv[1]):
        c.write(sys.argv[2])
