"""reliable UDP's goodput to TCP's, lo in real packets (MTU 1500)"""
import statistics, subprocess

from common import compile_tool, row


def bench():
    print('rudp: 200 MB each, seven times in turn, no loss')
    tool = compile_tool('rudp', 'net', 'proto', 'base')
    out = subprocess.run([tool, '200', '7'], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    rounds = [[float(x) for x in line.split()] for line in out.splitlines()]
    tcp, rudp, repeated, tcp_packets, rudp_packets = zip(*rounds)
    row('TCP, MB/s, median', f'{statistics.median(tcp):.0f}')
    row('reliable UDP, MB/s, median', f'{statistics.median(rudp):.0f}')
    row('ratio, median',
        f'{statistics.median(r / t for r, t in zip(rudp, tcp)):.2f}',
        'aim >= 0.5')
    row('messages repeated', f'{sum(repeated):.0f}', 'aim 0')
    row('packets, TCP', f'{statistics.median(tcp_packets):.0f}')
    row('packets, reliable UDP', f'{statistics.median(rudp_packets):.0f}')
