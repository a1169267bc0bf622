"""What the benchmarks share: the program, C helpers, rows, a console."""
import fcntl, os, pty, re, select, signal, socket, struct, subprocess
import termios, time

LIMIT = 20  # seconds for any one program

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get('BUILD', 'build'))
SOCKDECK = os.path.join(BUILD, 'sockdeck')


def compile_tool(name, *archives, libraries=()):
    """tests/bench/NAME.c as a program, with our archives; its path."""
    program = os.path.join(BUILD, 'bench', name)
    os.makedirs(os.path.dirname(program), exist_ok=True)
    subprocess.run([*os.environ.get('CC', 'cc').split(), '-O2',
                    '-D_GNU_SOURCE', '-pthread', '-iquote', ROOT, '-o', program,
                    os.path.join(HERE, name + '.c'),
                    *(os.path.join(BUILD, f'lib{a}.a') for a in archives),
                    *(f'-l{l}' for l in libraries), '-lm'], check=True)
    return program


def row(what, value, aim=''):
    print(f'  {what:<46} {value:>16}  {aim}', flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_port(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as s:
            if s.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit('the server does not listen')


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
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def memory(self):
        with open(f'/proc/{self.process.pid}/status') as f:
            return int(re.search(r'VmRSS:\s*(\d+)', f.read()).group(1)) * 1024


class Console:
    """sockdeck on a pty."""

    def __init__(self, *args):
        self.start = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM='xterm-256color', LC_ALL='C.UTF-8')
            os.execv(SOCKDECK, [SOCKDECK, *args])
        size = struct.pack('HHHH', 40, 120, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        self.seen = b''

    def read(self, seconds):
        """What arrives in that time, or until it is quiet if negative."""
        got, end = b'', time.monotonic() + abs(seconds)
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                got += os.read(self.fd, 65536)
            except OSError:
                break
            if seconds < 0:
                break
        self.seen += got
        return got

    def wait(self, text, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.seen:
            if time.monotonic() > end:
                raise SystemExit(f'{text!r} is not on the screen')
            self.read(-0.1)
        return time.monotonic()

    def type(self, text):
        os.write(self.fd, text)

    def processes(self):
        children = subprocess.run(['pgrep', '-P', str(self.pid)],
                                  capture_output=True, text=True).stdout
        return [self.pid, *map(int, children.split())]

    def cpu_ns(self):
        """Of all threads, those that have ended too."""
        # clock_getcpuclockid(3): what the kernel makes of a process's number
        return sum(time.clock_gettime_ns((~pid << 3) | 2)
                   for pid in self.processes())

    def status(self, key):
        with open(f'/proc/{self.pid}/status') as f:
            return re.search(key + r':\s*(\d+)', f.read()).group(1)

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        self.read(0.3)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
