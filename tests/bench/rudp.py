"""reliable UDP's goodput to TCP's in the lab (MTU 1500, real packets)"""
import statistics, subprocess, time

from common import LIMIT, SOCKDECK, compile_tool, row

MEGABYTES = 200
ROUNDS = 7


def median(values):
    return statistics.median(values)


def protocol_alone():
    """Both in one process, without records of the calls."""
    tool = compile_tool('rudp', 'net', 'proto', 'base', libraries=['mnl'])
    out = subprocess.run([tool, str(MEGABYTES), str(ROUNDS)], check=True,
                         text=True, stdout=subprocess.PIPE).stdout
    rounds = [[float(x) for x in line.split()] for line in out.splitlines()]
    tcp, rudp, repeated, tcp_packets, rudp_packets = zip(*rounds)
    row('TCP, MB/s, median', f'{median(tcp):.0f}')
    row('reliable UDP, MB/s, median', f'{median(rudp):.0f}')
    row('ratio, median', f'{median(r / t for r, t in zip(rudp, tcp)):.2f}')
    row('messages repeated', f'{sum(repeated):.0f}', 'aim 0')
    row('packets, TCP', f'{median(tcp_packets):.0f}')
    row('packets, reliable UDP', f'{median(rudp_packets):.0f}')


def megabytes_per_second(transport, trace):
    """`connect` sends to the sink that `serve` is, in its lab."""
    trace = ['--trace'] if trace else []
    with subprocess.Popen(
            [SOCKDECK, 'serve', 'sink', transport, '127.0.0.1:7000', '--lab',
             *trace], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True) as server:
        try:
            while 'listening' not in server.stdout.readline():
                pass
            start = time.perf_counter()
            client = subprocess.Popen(
                [SOCKDECK, 'exec', '--lab', str(server.pid), '--', SOCKDECK,
                 'connect', transport, '127.0.0.1:7000', *trace], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            piece = bytes(1000000)
            for _ in range(MEGABYTES):
                client.stdin.write(piece)
            client.stdin.close()
            if client.wait(LIMIT) != 0:
                raise SystemExit(f'connect {transport} has failed')
            return MEGABYTES / (time.perf_counter() - start)
        finally:
            server.terminate()


def through_the_program(trace):
    tcp, rudp = [], []
    for _ in range(ROUNDS):
        tcp.append(megabytes_per_second('tcp', trace))
        rudp.append(megabytes_per_second('rudp', trace))
    what = 'serve, connect' + (' --trace' if trace else '')
    row(f'{what}: MB/s, TCP and reliable UDP',
        f'{median(tcp):.0f} / {median(rudp):.0f}')
    row(f'{what}: ratio, median',
        f'{median(r / t for r, t in zip(rudp, tcp)):.2f}', 'aim >= 0.5')


def bench():
    print(f'rudp: {MEGABYTES} MB each, {ROUNDS} times in turn, no loss')
    protocol_alone()
    through_the_program(False)
    through_the_program(True)
