"""a capture of 1,000,000 packets, opened, listed and filtered, to tcpdump and tshark"""
import os, random, resource, shutil, statistics, struct, subprocess, time

from common import BUILD, SOCKDECK, Console, compile_tool, row

PACKETS = 1_000_000
CAPTURE = os.path.join(BUILD, 'bench', 'packets.pcap')
ROUNDS = 3


# ------------------------------------------------------------ the capture

ETHERNET = bytes.fromhex('0200000000020200000000010800')
STAMPS = struct.pack('>BBBBII', 1, 1, 8, 10, 1, 1)
SYN_OPTIONS = bytes.fromhex('020405b40402080a000000010000000001030307')
FIN, SYN, PSH, ACK = 1, 2, 8, 16


class Traffic:
    """Streams of packets without end, each a generator; the same each time.

    TCP in bulk with a lost segment now and then, small UDP, and connections
    of ten packets. Checksums are 0, as they are where they are offloaded.
    """

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.hosts = [bytes((10, i // 250, 0, i % 250 + 1))
                      for i in range(500)]
        self.noise = self.dice.randbytes(1 << 16)
        self.opened = 0

    @staticmethod
    def ip(src, dst, proto, n):
        return ETHERNET + struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + n, 0,
                                      0x4000, 64, proto, 0, src, dst)

    def tcp(self, ends, seq, ack, flags, data=b'', options=STAMPS):
        (src, sport), (dst, dport) = ends
        n = 20 + len(options)
        return (self.ip(src, dst, 6, n + len(data)) +
                struct.pack('>HHIIBBHHH', sport, dport, seq & 0xffffffff,
                            ack & 0xffffffff, n << 2, flags, 502, 0, 0) +
                options + data)

    def bulk(self, i):
        there = (self.hosts[i], 50000 + i), (self.hosts[i + 20], 5001)
        back = there[::-1]
        yield self.tcp(there, 999, 0, SYN, options=SYN_OPTIONS)
        yield self.tcp(back, 77, 1000, SYN | ACK, options=SYN_OPTIONS)
        yield self.tcp(there, 1000, 78, ACK)
        seq = 1000
        while True:
            for _ in range(2):
                data = self.noise[seq % 50000:][:1448]
                segment = self.tcp(there, seq, 78, ACK, data)
                yield segment
                if self.dice.random() < 0.005:
                    yield segment # again
                seq += 1448
            yield self.tcp(back, 78, seq, ACK)

    def datagrams(self, i):
        src, dst = self.hosts[i], self.hosts[i + 50]
        while True:
            n = self.dice.randrange(16, 80)
            yield (self.ip(src, dst, 17, 8 + n) +
                   struct.pack('>HHHH', 20000 + i, 9000, 8 + n, 0) +
                   self.noise[n:2 * n])

    def short(self):
        while True:
            self.opened += 1
            there = ((self.hosts[self.dice.randrange(400)],
                      10000 + self.opened % 50000),
                     (self.hosts[400 + self.opened % 7], 80))
            back = there[::-1]
            s, r = self.dice.getrandbits(32), self.dice.getrandbits(32)
            asked, n = self.noise[:120], self.dice.randrange(100, 900)
            yield self.tcp(there, s, 0, SYN, options=SYN_OPTIONS)
            yield self.tcp(back, r, s + 1, SYN | ACK, options=SYN_OPTIONS)
            yield self.tcp(there, s + 1, r + 1, ACK)
            yield self.tcp(there, s + 1, r + 1, PSH | ACK, asked)
            yield self.tcp(back, r + 1, s + 121, ACK)
            yield self.tcp(back, r + 1, s + 121, PSH | ACK, self.noise[:n])
            yield self.tcp(there, s + 121, r + 1 + n, ACK)
            yield self.tcp(there, s + 121, r + 1 + n, FIN | ACK)
            yield self.tcp(back, r + 1 + n, s + 122, FIN | ACK)
            yield self.tcp(there, s + 122, r + 2 + n, ACK)


def generate(path, packets):
    """30% bulk, 50% datagrams, 20% in connections of ten packets."""
    t = Traffic(seed=5)
    streams = ([t.bulk(i) for i in range(12)] +
               [t.datagrams(i) for i in range(20)] +
               [t.short() for _ in range(8)])
    us = 1700000000_000000
    with open(path + '.part', 'wb', 1 << 20) as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for _ in range(packets):
            us += t.dice.randrange(1, 9)
            p = next(streams[int(t.dice.random() * len(streams))])
            out.write(struct.pack('<IIII', us // 1000000, us % 1000000,
                                  len(p), len(p)) + p)
    os.rename(path + '.part', path)


# --------------------------------------------------------------- measuring

class Times:
    """Seconds on the clock, and of the processors, of the same thing."""

    def __init__(self):
        self.wall, self.cpu = [], []

    def add(self, wall, cpu):
        self.wall.append(wall)
        self.cpu.append(cpu)

    def show(self, what):
        row(what + ', s', f'{statistics.median(self.wall):.2f}',
            f'{statistics.median(self.cpu):.2f} s of CPU')

    def ratio(self, what, ours, aim):
        wall = statistics.median(self.wall) / statistics.median(ours.wall)
        cpu = statistics.median(self.cpu) / statistics.median(ours.cpu)
        row(what, f'{wall:.1f}', f'{aim}; {cpu:.1f} by CPU')


def run(command, times):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    times.add(wall, after.ru_utime - before.ru_utime +
              after.ru_stime - before.ru_stime)


def open_console(times):
    """To the last byte that it writes; bytes a packet beside the file."""
    c = Console('-r', CAPTURE, '-c', 'view list')
    shown = time.monotonic()
    while time.monotonic() < shown + 0.5: # it is silent when all is shown
        if c.read(-0.01):
            shown = time.monotonic()
            cpu = c.cpu_ns()
    c.type(b'\x0c')
    c.seen = b''
    c.wait(f'{PACKETS:,} pkts'.encode())
    times.add(shown - c.start, cpu / 1e9)
    beside = int(c.status('RssAnon')) * 1024 / PACKETS
    c.end()
    return beside


FILTERS = ('port:80', 'host:10.0.0.2 flags:syn', 'verdict:retransmission',
           'state:established len>100', 'text:hello')


def show():
    tool = compile_tool('show', 'capture', 'net', 'proto', 'base',
                        libraries=('z', 'mnl'))
    out = subprocess.run([tool, CAPTURE, *FILTERS], capture_output=True,
                         text=True, check=True).stdout
    for text, line in zip(FILTERS, out.splitlines()):
        wall, cpu, matches = line.split()
        row(f'{text}: {int(matches):,} of them, ms', wall,
            f'aim 100; {cpu} of CPU')


def bench():
    os.makedirs(os.path.dirname(CAPTURE), exist_ok=True)
    if not os.path.exists(CAPTURE):
        generate(CAPTURE, PACKETS)
    print(f'packets: {PACKETS:,} of them, {os.path.getsize(CAPTURE) >> 20} '
          f'MB; median of {ROUNDS}')
    opened, printed, dumped, sharked = Times(), Times(), Times(), Times()
    for _ in range(ROUNDS):
        beside = open_console(opened)
        run([SOCKDECK, 'packets', '-r', CAPTURE], printed)
        run(['tcpdump', '-nn', '-r', CAPTURE], dumped)
    show()
    opened.show('console: all packets, conversations, verdicts')
    row('console: bytes a packet beside the file', f'{beside:.0f}', 'aim 64')
    printed.show('sockdeck packets -r')
    dumped.show('tcpdump -nn -r')
    dumped.ratio('times faster than tcpdump: open', opened, 'aim 15')
    dumped.ratio('times faster than tcpdump: print', printed, 'aim 6')
    if shutil.which('tshark') is None:
        print('  tshark is not installed')
        return
    run(['tshark', '-r', CAPTURE], sharked)
    sharked.show('tshark -r')
    sharked.ratio('times faster than tshark: open', opened, 'aim 100')
