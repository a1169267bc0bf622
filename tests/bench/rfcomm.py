"""RFCOMM throughput in the virtual machine, against a bare C loop there"""
import os, shutil, subprocess

from common import BUILD, ROOT, SOCKDECK, compile_tool, row

VM = os.path.join(ROOT, 'build', 'vm')
OUT = os.path.join(VM, 'bench')


def bench():
    print('rfcomm: two virtual controllers, software emulation')
    fetched = subprocess.run([os.path.join(ROOT, 'tests/vm/fetch'), VM],
                             capture_output=True, text=True)
    if fetched.returncode != 0:
        row('not measured', fetched.stdout.strip())
        return
    os.makedirs(OUT, exist_ok=True)
    shutil.copy(SOCKDECK, OUT)
    shutil.copy(compile_tool('rfcomm', 'net', 'proto', 'base',
                             libraries=('mnl',)), OUT)
    subprocess.run(['tests/vm/boot', VM, OUT, '300', 'sh', '-c',
                    'tests/vm/bench >/mnt/rates'], cwd=ROOT)
    with open(os.path.join(OUT, 'rates')) as f:
        rates = [list(map(int, line.split())) for line in f]
    # Each the best of its rounds: the machine under it is busy or not.
    bare, sent, client, server = map(max, zip(*rates))
    row('bare loop, received', f'{bare / 1e3:.0f} KB/s')
    row('sockdeck connect, received', f'{client / bare:.2f}', '>= 0.9 of it')
    row('sockdeck serve, sent to', f'{server / sent:.2f}', '>= 0.9 of it')
