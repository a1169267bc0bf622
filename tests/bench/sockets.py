"""`sockdeck sockets tcp` to `ss -tan`, 10,000 sockets"""
import os, shutil, statistics, subprocess, sys, time

from common import SOCKDECK, row

HOLD = r'''
import resource, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
s = socket.create_server(('127.0.0.1', 7010), backlog=4096)
kept = []
for _ in range(5000):
    kept.append(socket.create_connection(('127.0.0.1', 7010)))
    kept.append(s.accept()[0])
print('up', flush=True)
sys.stdin.read()
'''


def whole_process(command):
    with open(os.devnull, 'w') as null:
        start = time.perf_counter()
        subprocess.run(command, stdout=null, check=True)
        return time.perf_counter() - start


def bench():
    if shutil.which('ss') is None:
        print('sockets: skipped, ss (iproute2) is not installed')
        return
    if os.environ.get('SOCKDECK_BENCH_INSIDE') is None:
        # A namespace of our own: lo up, nobody else's sockets.
        inside = 'ip link set lo up && exec "$0" sockets'
        os.environ['SOCKDECK_BENCH_INSIDE'] = '1'
        flags = ['-n'] if os.geteuid() == 0 else ['-r', '-n']
        subprocess.run(['unshare', *flags, 'sh', '-c', inside, sys.argv[0]],
                       check=True)
        return
    print('sockets: 10,000 TCP sockets, whole process, ms, 15 rounds')
    holder = subprocess.Popen([sys.executable, '-c', HOLD],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    ours, peer = [], []
    for _ in range(15):
        ours.append(whole_process([SOCKDECK, 'sockets', 'tcp']))
        peer.append(whole_process(['ss', '-tan']))
    holder.stdin.close()
    holder.wait()
    row('sockdeck sockets tcp', f'{statistics.median(ours) * 1e3:.1f}')
    row('ss -tan', f'{statistics.median(peer) * 1e3:.1f}')
    ratio = statistics.median(b / a for a, b in zip(ours, peer))
    row('times faster', f'{ratio:.2f}', 'aim 2.5')
