"""`sockdeck exec --trace` to no trace and to `strace -f -e trace=network`"""
import os, re, shutil, signal, statistics, subprocess, sys, tempfile
import threading, time

from common import (SOCKDECK, Console, compile_tool, free_port, row,
                    wait_port)

ROUNDS = 5
PYTHON_SERVER = """
import socket, sys
s = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while True:
    c, _ = s.accept()
    while data := c.recv(1024):
        c.sendall(data)
    c.close()
"""


def tracers(log):
    found = {
        'untraced': [],
        'sockdeck, listing': [SOCKDECK, 'exec', '--host', '--print', '--'],
        'sockdeck, console': [SOCKDECK, 'exec', '--host', '--trace', '--'],
    }
    if shutil.which('strace'):
        strace = ['strace', '-f', '-o', log, '-e', 'trace=network']
        found['strace'] = strace
        found['strace --seccomp-bpf'] = strace + ['--seccomp-bpf']
    return found


def end(process):
    """strace outlives a polite signal to itself: the whole group, then."""
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def round_trips(tool, command, log):
    port = free_port()
    server = subprocess.Popen(
        [a.replace('PORT', str(port)) for a in command],
        stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
    try:
        wait_port(port)
        out = subprocess.run([tool, 'load', str(port), '1', '1'],
                             capture_output=True, text=True, check=True).stdout
    finally:
        end(server)
    return float(re.search(r'[\d.]+', out).group())


def seconds(command, log):
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=log, check=True)
    return time.monotonic() - start


def compare(what, unit, measure, more_is_better):
    """Medians, and each tracer's slowdown in the rounds side by side."""
    print(f'  {what}')
    with tempfile.NamedTemporaryFile() as log:
        every = tracers(log.name)
        got = {name: [] for name in every}
        for _ in range(ROUNDS):
            for name, prefix in every.items():
                got[name].append(measure(prefix, log))
    for name, values in got.items():
        times = statistics.median(
            (b / v if more_is_better else v / b)
            for v, b in zip(values, got['untraced']))
        row(f'  {name}', f'{statistics.median(values):,.{unit[1]}f} {unit[0]}',
            f'{times:.1f} times slower' if name != 'untraced' else '')


def watch(console, over):
    """A terminal that reads: a console that cannot write would wait."""
    while not over.is_set():
        console.read(-0.1)


def bench():
    print(f'traced: medians of {ROUNDS} alternating rounds')
    tool = compile_tool('echo')
    console = Console('--host')
    console.wait(b'accept')
    over = threading.Event()
    reader = threading.Thread(target=watch, args=(console, over))
    reader.start()
    compare('a C echo server, 64 bytes', ('/s', 0),
            lambda p, log: round_trips(tool, p + [tool, 'server', 'PORT'],
                                       log), True)
    compare('a Python echo server, 64 bytes', ('/s', 0),
            lambda p, log: round_trips(
                tool, p + [sys.executable, '-c', PYTHON_SERVER, 'PORT'], log),
            True)
    compare('Python starts and ends', ('ms', 1),
            lambda p, log: 1000 * seconds(p + [sys.executable, '-c', ''],
                                          log), False)
    compare('100,000 reads and writes of files, no socket', ('ms', 0),
            lambda p, log: 1000 * seconds(
                p + ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=512',
                     'count=50000'], log), False)
    over.set()
    reader.join()
    console.end()
