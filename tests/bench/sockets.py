"""`sockdeck sockets tcp` to `ss -tan`, 10,000 sockets"""
import os, resource, shutil, statistics, subprocess, sys, time

from common import SOCKDECK, compile_tool, row

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


ROUNDS = 31


def ratio(ours, peer):
    return f'{statistics.median(b / a for a, b in zip(ours, peer)):.2f}'


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole_process(command):
    """Seconds until it has ended, and of the processor."""
    with open(os.devnull, 'w') as null:
        start, cpu = time.perf_counter(), cpu_of_children()
        subprocess.run(command, stdout=null, check=True)
        return time.perf_counter() - start, cpu_of_children() - cpu


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
    print('sockets: 10,000 TCP sockets, whole process, ms, '
          f'{ROUNDS} rounds')
    holder = subprocess.Popen([sys.executable, '-c', HOLD],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    commands = {
        'sockdeck sockets tcp': [SOCKDECK, 'sockets', 'tcp'],
        'ss -tan': ['ss', '-tan'],
        "floor: the kernel's dump, nothing printed": [compile_tool('dump')],
        'sockdeck sockets tcp listen': [SOCKDECK, 'sockets', 'tcp', 'listen'],
        'ss -tln': ['ss', '-tln'],
    }
    took = {name: [] for name in commands}
    cpu = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            seconds, of_cpu = whole_process(command)
            took[name].append(seconds)
            cpu[name].append(of_cpu)
    holder.stdin.close()
    holder.wait()
    for name, times in took.items():
        row(name, f'{statistics.median(times) * 1e3:.2f}')
    ours, peer, floor, ours_listen, peer_listen = took.values()
    row('times faster than ss', ratio(ours, peer), 'aim 2.5')
    row('times faster than ss, the floor', ratio(floor, peer), 'the bound')
    ours, peer, *_ = cpu.values()
    row('times less of the processor than ss', ratio(ours, peer))
    row('times faster than ss, listeners only',
        ratio(ours_listen, peer_listen))
