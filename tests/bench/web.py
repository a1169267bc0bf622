"""HTTP requests/s with keep-alive, to nginx with one worker"""
import os, re, statistics, subprocess, tempfile

from common import LIMIT, SOCKDECK, Server, row

NGINX = '''
worker_processes 1; daemon off; pid %(dir)s/pid; error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path %(dir)s/1; proxy_temp_path %(dir)s/2;
    fastcgi_temp_path %(dir)s/3; uwsgi_temp_path %(dir)s/4;
    scgi_temp_path %(dir)s/5;
    server { listen 127.0.0.1:%(port)s; root %(dir)s; }
}
'''
ROUNDS = 5
PAGES = {'page.html': 200, 'photo.jpg': 100000}


class Nginx(Server):
    def __init__(self, root):
        self.conf = os.path.join(root, 'nginx.conf')
        super().__init__(['nginx', '-p', root, '-c', self.conf])
        with open(self.conf, 'w') as f:
            f.write(NGINX % {'dir': root, 'port': self.port})


def sockdeck(model, root):
    return Server([SOCKDECK, 'serve', 'http', 'tcp', '127.0.0.1:PORT', model,
                   f'root={root}'])


def requests(server, page):
    """Of 8 connections, in one second."""
    with server as s:
        out = subprocess.run(['wrk', '-t1', '-c8', '-d1',
                              f'http://127.0.0.1:{s.port}/{page}'],
                             capture_output=True, text=True, check=True,
                             timeout=LIMIT).stdout
    if 'Non-2xx' in out or 'Socket errors' in out:
        raise SystemExit(out)
    return float(re.search(r'Requests/sec:\s*([\d.]+)', out).group(1))


def bench():
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        for page, size in PAGES.items():
            with open(os.path.join(root, page), 'wb') as f:
                f.write(bytes(size))
        for page, size in PAGES.items():
            print(f'web: a file of {size:,} bytes, requests/s')
            figures = {'event': [], 'threaded': [], 'nginx': []}
            for _ in range(ROUNDS):
                for name, each in figures.items():
                    server = (Nginx(root) if name == 'nginx' else
                              sockdeck(name, root))
                    each.append(requests(server, page))
            figures = {n: statistics.median(f) for n, f in figures.items()}
            for name, value in figures.items():
                row(name, f'{value:,.0f} /s')
            for name in ('event', 'threaded'):
                row(f'{name} to nginx',
                    f'{figures[name] / figures["nginx"]:.2f}', 'aim 0.5')
