"""the wire of a lab: bulk TCP and round trips against veth, 1 ms met, a flood"""
import statistics, subprocess

from common import LIMIT, SOCKDECK, Console, compile_tool, row

ROUNDS = 5
PPS = 200000
DELAY_COUNT = 3000


def run(tool, *args):
    """Its lines as numbers; None where this user gets no such lab."""
    p = subprocess.run([tool, *map(str, args)], text=True, timeout=5 * LIMIT,
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if p.returncode == 3:
        return None
    p.check_returncode()
    return [[float(x) for x in line.split()] for line in p.stdout.splitlines()]


def median(values):
    return statistics.median(values)


def round_trips(tool, medium, how, where, aims):
    rtt = run(tool, how, medium, ROUNDS)
    if rtt is None:
        row(f'{medium}: round trip{where}', 'none here')
        return
    row(f'{medium}: round trip{where}, veth, us',
        f'{median(v for v, w in rtt) / 1000:.1f}')
    row(f'{medium}: round trip{where}, added, us',
        f'{median(w - v for v, w in rtt) / 1000:.1f}', 'aim < 15' if aims else '')


def against_veth(tool, medium, aims):
    bulk = run(tool, 'bulk', medium, ROUNDS)
    if bulk is None:
        row(f'{medium}', 'none here')
        return
    veth, wire = zip(*bulk)
    row(f'{medium}: bulk TCP, plain veth, MB/s', f'{median(veth):.0f}')
    row(f'{medium}: bulk TCP through the wire, MB/s', f'{median(wire):.0f}')
    row(f'{medium}: ratio', f'{median(w / v for v, w in bulk):.2f}',
        'aim >= 0.35' if aims else '')
    round_trips(tool, medium, 'rtt', '', aims)
    round_trips(tool, medium, 'rtt-apart', ', a core each', aims)
    sent, entered, left, received, drops, lost, equal = run(
        tool, 'flood', medium, PPS)[0]
    row(f'{medium}: packets/s sent', f'{sent / 2:.0f}', f'aim {PPS}')
    row(f'{medium}: of {sent:.0f} entered, left, received',
        f'{sent - entered:.0f} {sent - left:.0f} {sent - received:.0f}',
        'missing; aim 0 0 0')
    row(f'{medium}: dropped by interfaces, records lost',
        f'{drops:.0f} {lost:.0f}', 'aim 0 0')
    row(f"{medium}: counters equal the interfaces'",
        'yes' if equal else 'no', 'aim yes')


def one_way(tool, delay):
    """What a datagram takes over the wire of a console that draws: median,
    99th percentile and worst, us, from the sender's clock until the server's
    kernel has it, that the wire's thread has to be woken included; and until
    the receiver has been woken as well."""
    c = Console('--hosts', '2', '-c', f'wire delay={delay}', '-c', 'wire')
    try:
        c.wait(f'delay={delay}'.encode())
        lab = ['exec', '--lab', str(c.pid)]
        receiver = subprocess.Popen(
            [SOCKDECK, *lab, 'server', '--', tool, 'receive', str(DELAY_COUNT)],
            stdout=subprocess.PIPE, text=True)
        c.read(0.5)
        sender = subprocess.Popen([SOCKDECK, *lab, 'client', '--', tool,
                                   'send', '10.0.0.1', str(DELAY_COUNT)])
        while sender.poll() is None:
            c.read(0.1)
        out = receiver.communicate(timeout=LIMIT)[0]
        return [[int(x) / 1000 for x in line.split()]
                for line in out.splitlines()]
    finally:
        c.end()


def one_way_rows(what, runs, aim):
    middle, most, worst = zip(*runs)
    row(f'{what}: median, us', f'{median(middle):.0f}')
    row(f'{what}: 99th percentile, us', f'{median(most):.0f}', aim)
    row(f'{what}: worst, us', f'{max(worst):.0f}')


def delays(tool):
    for delay, aim in ('1us', ''), ('1ms', 'aim < 1100'):
        host, program = zip(*(one_way(tool, delay) for _ in range(ROUNDS)))
        one_way_rows(f'{delay} set, to the host', host, aim)
        one_way_rows(f'{delay} set, to the program', program, '')


def bench():
    print(__doc__)
    tool = compile_tool('wire', 'capture', 'net', 'proto', 'base',
                        libraries=['mnl', 'z'])
    against_veth(tool, 'TUN', True)
    against_veth(tool, 'veth', False)
    delays(tool)
