"""round trips of `sockdeck serve`, tracing on, to a plain C server"""
import re, statistics, subprocess

from common import SOCKDECK, compile_tool, free_port, row, wait_port


def round_trips(tool, command, clients):
    port = free_port()
    server = subprocess.Popen([a.replace('PORT', str(port)) for a in command],
                              stdout=subprocess.DEVNULL)
    try:
        wait_port(port)
        out = subprocess.run([tool, 'load', str(port), '2', str(clients)],
                             capture_output=True, text=True, check=True).stdout
    finally:
        server.terminate()
        server.wait()
    return float(re.search(r'[\d.]+', out).group())


def bench():
    print('echo: 64-byte round trips/s, median of 5 alternating rounds')
    tool = compile_tool('echo')
    ours_cmd = [SOCKDECK, 'serve', 'echo', 'tcp', '127.0.0.1:PORT']
    peer_cmd = [tool, 'server', 'PORT']
    for clients in (1, 2, 4):
        ours, peer = [], []
        for _ in range(5):
            ours.append(round_trips(tool, ours_cmd, clients))
            peer.append(round_trips(tool, peer_cmd, clients))
        ratio = statistics.median(a / b for a, b in zip(ours, peer))
        row(f'{clients} client(s): sockdeck, traced',
            f'{statistics.median(ours):,.0f}')
        row(f'{clients} client(s): plain C server',
            f'{statistics.median(peer):,.0f}')
        row(f'{clients} client(s): ratio', f'{ratio:.2f}', 'aim 0.8')
