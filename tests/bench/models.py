"""each server model to socat, ncat and Python; UDP; a crowd; memory a client"""
import resource, select, statistics, subprocess, sys, tempfile, textwrap

from common import LIMIT, SOCKDECK, Server, compile_tool, row

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
ROUNDS = 5
IDLE, BUSY = 10000, 100


def sockdeck(model, transport='tcp', *settings):
    return [SOCKDECK, 'serve', 'echo', transport, '127.0.0.1:PORT', model,
            *settings]


def measure(tool, command, *load, udp=False):
    with Server(command, udp) as s:
        out = subprocess.run([tool, load[0], str(s.port), *load[1:]],
                             stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=LIMIT)
    return float(out.stdout) if out.returncode == 0 else 0.0


def compare(tool, load, unit, ours, peers, aim='above 1', udp=False):
    """Medians of rounds in which every server has its turn."""
    figures = {name: [] for name in [*ours, *peers]}
    for _ in range(ROUNDS):
        for name, command in {**ours, **peers}.items():
            figures[name].append(measure(tool, command, *load, udp=udp))
    figures = {name: statistics.median(f) for name, f in figures.items()}
    for name, value in figures.items():
        row(name, f'{value:,.0f} {unit}' if value else 'stalls')
    slowest = min(ours, key=figures.get)
    best = max(peers, key=figures.get)
    row(f'{slowest} to {best}', f'{figures[slowest] / figures[best]:.2f}',
        'aim ' + aim)


def first_line(process):
    """What it prints first; '' if it says nothing in time."""
    if select.select([process.stdout], [], [], LIMIT)[0]:
        return process.stdout.readline().strip()
    process.kill()
    return ''


def crowd(tool, name, command):
    with Server(command) as s:
        before = s.memory()
        load = subprocess.Popen([tool, 'crowd', str(s.port), str(IDLE),
                                 str(BUSY), '3'], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        trips = first_line(load)
        after = s.memory()
        load.stdin.close()
        load.wait(LIMIT)
    if not trips:
        row(f'{IDLE} idle, {BUSY} busy: {name}', 'refused')
        return
    row(f'{IDLE} idle, {BUSY} busy: {name}', f'{float(trips):,.0f} /s')
    row('  memory a client', f'{(after - before) / (IDLE + BUSY):,.0f} B')


def bench():
    tool = compile_tool('models')
    echo = compile_tool('echo')
    with tempfile.NamedTemporaryFile('w', suffix='.py') as script:
        script.write(PYTHON)
        script.flush()
        peers = {
            'socat': ['socat', 'TCP-LISTEN:PORT,bind=127.0.0.1,fork,reuseaddr',
                      'EXEC:cat'],
            'ncat -e': ['ncat', '-k', '-l', '-e', '/bin/cat', '127.0.0.1',
                        'PORT'],
            'Python, threads': [sys.executable, script.name, 'PORT'],
        }
        print('models: echo of 64 bytes, one client, round trips')
        compare(echo, ('load', '1', '1'), '/s',
                {m: sockdeck(m) for m in MODELS}, peers)
        print('models: bytes that come back, one client, 64 KB writes')
        compare(tool, ('pour', '1'), 'MB/s',
                {m: sockdeck(m, 'tcp', 'recv=65536') for m in MODELS}, peers)
    print('models: the same loop without a trace, 4 clients')
    compare(echo, ('load', '1', '4'), '/s', {'event': sockdeck('event')},
            {'plain C, epoll': [tool, 'epoll', 'PORT']}, '0.8')
    print('models: UDP echo of 64 bytes, one client, round trips')
    compare(tool, ('udp', '1'), '/s',
            {m: sockdeck(m, 'udp') for m in ('iterative', 'event')},
            {'socat': ['socat', 'UDP4-LISTEN:PORT,bind=127.0.0.1', 'PIPE']},
            udp=True)
    compare(tool, ('udp', '1'), '/s',
            {'a thread a datagram': sockdeck('threaded', 'udp')},
            {'socat, a process a datagram':
             ['socat', '-T1', 'UDP4-RECVFROM:PORT,bind=127.0.0.1,fork',
              'EXEC:cat']}, udp=True)
    print('models: a crowd')
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    many = 'clients=20000', 'backlog=4096'
    for name, command in {
            'plain C, epoll': [tool, 'epoll', 'PORT'],
            'event': sockdeck('event', 'tcp', *many),
            'threaded': sockdeck('threaded', 'tcp', *many)}.items():
        crowd(tool, name, command)
