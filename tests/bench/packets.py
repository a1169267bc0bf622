"""a capture of 1,000,000 packets, opened, listed and filtered, to tcpdump and tshark"""
import os, resource, shutil, statistics, subprocess, time

from common import BUILD, SOCKDECK, Console, compile_tool, row

PACKETS = 1_000_000
CAPTURE = os.path.join(BUILD, 'bench', 'packets.pcap')
TURNS, ROUNDS = 3, 5  # a slow minute of the machine is everybody's


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
        best = min(self.wall) / min(ours.wall)
        cpu = statistics.median(self.cpu) / statistics.median(ours.cpu)
        row(what, f'{wall:.1f}',
            f'{aim}; {best:.1f} by the best runs, {cpu:.1f} by CPU')


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
    shown = c.wait(b'\x1b')
    while c.read(-0.2): # it is silent when all is shown
        shown = time.monotonic()
    cpu = c.cpu_ns() # not before: to look takes a processor as well
    c.type(b'\x0c')
    c.seen = b''
    c.wait(f'{PACKETS:,} pkts'.encode())
    times.add(shown - c.start, cpu / 1e9)
    beside = int(c.status('RssAnon')) * 1024 / PACKETS
    c.end()
    return beside


def read_in():
    """What a plain read from the disk leaves of it in memory is the same each
    time; how it was written, and what had read it before, makes a tenth."""
    with open(CAPTURE, 'rb') as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while f.read(1 << 20):
            pass


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
        subprocess.run([compile_tool('traffic'), CAPTURE, str(PACKETS)],
                       check=True)
    read_in()
    print(f'packets: {PACKETS:,} of them, {os.path.getsize(CAPTURE) >> 20} '
          f'MB; medians of {TURNS} turns, {ROUNDS} runs each; tshark one each')
    has_tshark = shutil.which('tshark') is not None
    opened, printed, dumped, sharked = Times(), Times(), Times(), Times()
    for _ in range(TURNS):
        # One program several times: a virtual machine gives pages that are
        # free for two seconds back to its host, and to get them again takes as
        # long as all that is measured here.
        for _ in range(ROUNDS):
            beside = open_console(opened)
        for _ in range(ROUNDS):
            run([SOCKDECK, 'packets', '-r', CAPTURE], printed)
        for _ in range(ROUNDS):
            run(['tcpdump', '-nn', '-r', CAPTURE], dumped)
        if has_tshark:
            run(['tshark', '-r', CAPTURE], sharked)
    show()
    opened.show('console: all packets, conversations, verdicts')
    row('console: bytes a packet beside the file', f'{beside:.0f}', 'aim 64')
    printed.show('sockdeck packets -r')
    dumped.show('tcpdump -nn -r')
    dumped.ratio('times faster than tcpdump: open', opened, 'aim 15')
    dumped.ratio('times faster than tcpdump: print', printed, 'aim 6')
    if not has_tshark:
        print('  tshark is not installed')
        return
    sharked.show('tshark -r')
    sharked.ratio('times faster than tshark: open', opened, 'aim 100')
