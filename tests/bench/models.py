"""each server model to socat, ncat and Python; UDP; a crowd; memory a client"""
import os, re, resource, statistics, subprocess, sys, tempfile, textwrap

from common import SOCKDECK, compile_tool, free_port, row, wait_port

PYTHON = textwrap.dedent('''
    import socketserver, sys
    class Echo(socketserver.BaseRequestHandler):
        def handle(self):
            while data := self.request.recv(4096):
                self.request.sendall(data)
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
    Server(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
''')
MODELS = 'iterative', 'threaded', 'event'
ROUNDS = 3


class Server:
    """A server on a free port for as long as the block lasts."""

    def __init__(self, command, udp=False):
        self.port = free_port()
        self.command = [a.replace('PORT', str(self.port)) for a in command]
        self.udp = udp

    def __enter__(self):
        self.process = subprocess.Popen(self.command,
                                        stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        if not self.udp:
            wait_port(self.port)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def memory(self):
        with open(f'/proc/{self.process.pid}/status') as f:
            return int(re.search(r'VmRSS:\s*(\d+)', f.read()).group(1)) * 1024


def sockdeck(model, transport='tcp', *settings):
    return [SOCKDECK, 'serve', 'echo', transport, '127.0.0.1:PORT', model,
            *settings]


def measure(tool, command, *load, udp=False):
    with Server(command, udp) as s:
        out = subprocess.run([tool, load[0], str(s.port), *load[1:]],
                             stdin=subprocess.DEVNULL, capture_output=True,
                             text=True)
    return float(out.stdout) if out.returncode == 0 else 0.0


def compare(tool, load, servers, udp=False):
    """Medians of rounds in which every server has its turn."""
    figures = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, command in servers.items():
            figures[name].append(measure(tool, command, *load, udp=udp))
    return {name: statistics.median(f) for name, f in figures.items()}


def peers(script):
    return {
        'socat': ['socat', 'TCP-LISTEN:PORT,bind=127.0.0.1,fork,reuseaddr',
                  'EXEC:cat'],
        'ncat -e': ['ncat', '-k', '-l', '-e', '/bin/cat', '127.0.0.1',
                    'PORT'],
        'Python, threads': [sys.executable, script, 'PORT'],
    }


def show(figures, unit, best):
    for name, value in figures.items():
        row(name, f'{value:,.0f} {unit}')
    ours = min(v for n, v in figures.items() if n in MODELS)
    row(f'slowest of ours to {best}', f'{ours / figures[best]:.2f}',
        'aim: above 1')


def bench_crowd(load, epoll):
    idle, busy = 10000, 100
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    for name, command in {
            'plain C, epoll': [epoll, 'epoll', 'PORT'],
            'event': sockdeck('event', 'tcp', 'clients=20000', 'backlog=4096'),
            'threaded': sockdeck('threaded', 'tcp', 'clients=20000',
                                 'backlog=4096')}.items():
        with Server(command) as s:
            before = s.memory()
            load = subprocess.Popen([epoll, 'crowd', str(s.port), str(idle),
                                     str(busy), '3'], stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, text=True)
            trips = load.stdout.readline().strip()
            after = s.memory()
            load.stdin.close()
            load.wait()
        if not trips:
            row(f'{idle} idle, {busy} busy: {name}', 'refused')
            continue
        row(f'{idle} idle, {busy} busy: {name}', f'{float(trips):,.0f} /s')
        row(f'  memory a client', f'{(after - before) / (idle + busy):,.0f} B')


def bench():
    tool = compile_tool('models')
    echo = compile_tool('echo')
    with tempfile.NamedTemporaryFile('w', suffix='.py') as script:
        script.write(PYTHON)
        script.flush()
        ours = {m: sockdeck(m) for m in MODELS}
        print('models: echo of 64 bytes, one client, round trips/s')
        figures = {}
        for name, command in {**ours, **peers(script.name)}.items():
            figures[name] = command
        trips = compare(echo, ('load', '1', '1'), figures)
        show(trips, '/s', max(peers(script.name), key=trips.get))
        print('models: bytes that come back, one client, 64 KB writes')
        big = {m: sockdeck(m, 'tcp', 'recv=65536') for m in MODELS}
        flow = compare(tool, ('pour', '1'), {**big, **peers(script.name)})
        show(flow, 'MB/s', max(peers(script.name), key=flow.get))
    print('models: event to a plain C epoll loop, 4 clients')
    pair = compare(echo, ('load', '1', '4'), {
        'event': sockdeck('event'), 'plain C, epoll': [tool, 'epoll', 'PORT']})
    show_pair = pair['event'] / pair['plain C, epoll']
    for name, value in pair.items():
        row(name, f'{value:,.0f} /s')
    row('ratio', f'{show_pair:.2f}', 'aim 0.8')
    print('models: UDP echo of 64 bytes, one client, round trips/s')
    udp = compare(tool, ('udp', '1'), {
        **{m: sockdeck(m, 'udp') for m in MODELS},
        'socat': ['socat', '-T1', 'UDP4-RECVFROM:PORT,bind=127.0.0.1,fork',
                  'EXEC:cat'],
        'socat, PIPE': ['socat', 'UDP4-LISTEN:PORT,bind=127.0.0.1', 'PIPE'],
    }, udp=True)
    show(udp, '/s', max(('socat', 'socat, PIPE'), key=udp.get))
    print('models: a crowd')
    bench_crowd(None, tool)
