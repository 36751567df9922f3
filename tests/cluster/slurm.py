"""A private SLURM of three nodes on this machine's loopback, for tests and for trying profiles.

    python tests/cluster/slurm.py install         # Debian's packages, where they are missing
    python tests/cluster/slurm.py start FOLDER    # prints the folder to put first on PATH
    python tests/cluster/slurm.py stop FOLDER

It needs no systemd and writes to nothing but its folder, whose path must be short: it holds
sockets, whose paths end at 108 characters.
"""

import argparse
import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

NODES = ("n1", "n2", "n3")
DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol", "sacct", "sacctmgr")
SEARCH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
CONFIGURATION = """\
ClusterName=private
SlurmctldHost={host}({address})
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/run/munge.sock,cred_expire=10
CommunicationParameters={communication}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=5,bf_interval=5
MinJobAge=600
SlurmdTimeout=4
MessageTimeout=3
KillWait=2
ReturnToService=2
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """The programs that are not installed."""
    programs = [*DAEMONS, "munge", *CLIENTS]
    return [name for name in programs if shutil.which(name, path=SEARCH) is None]


def install():
    """Install Debian's packages where they are missing; return why that cannot be, or None."""
    if not missing():
        return None
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return "SLURM is not installed, and installing it takes apt-get and root"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["slurm-wlm", "munge"]
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *arguments], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            return f"apt-get {arguments[0]} failed: {' '.join(done.stderr.split())}"
    return None


def free_ports(count):
    """Ports of the loopback that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def write_files(folder):
    """Write the key, slurm.conf and one wrapper for each client into the folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    shutil.rmtree(folder / "state", ignore_errors=True)  # jobs of an earlier start
    for name in ("run", "state", "log", "bin", *(f"spool/{node}" for node in NODES)):
        (folder / name).mkdir(parents=True, exist_ok=True)
    key = folder / "run/munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)

    host = socket.gethostname().split(".")[0]
    address = socket.gethostbyname(host)
    # Where the host's own name is not the loopback, the daemons cannot be bound to it.
    loopback = address.startswith("127.")
    ports = free_ports(1 + len(NODES))
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr={address} Port={port} "
        "CPUs=4 RealMemory=64000"  # more than there is: nothing here measures it
        for node, port in zip(NODES, ports[1:], strict=True)
    )
    configuration = folder / "slurm.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            host=host,
            address=address,
            user=getpass.getuser(),
            communication="NoCtldInAddrAny,NoInAddrAny" if loopback else "block_null_hash",
            ports=ports,
            nodes=nodes,
        )
    )
    # Snakemake's jobs strip SLURM_CONF from their environment, so each client sets its own.
    for client in CLIENTS:
        wrapper = folder / "bin" / client
        program = shutil.which(client, path=SEARCH)
        wrapper.write_text(
            f'#!/bin/sh\nSLURM_CONF={configuration} exec {program} "$@"\n', encoding="utf-8"
        )
        wrapper.chmod(0o755)


def run(folder, program, *arguments):
    """Run a program of SLURM to its end and give what it says; raise where it fails."""
    environment = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
    path = shutil.which(program, path=SEARCH)
    done = subprocess.run(
        [path, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def wait_for(what, condition, seconds=30):
    """Wait until a condition holds; a RuntimeError in it means that it does not hold yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except RuntimeError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{what}: not within {seconds} seconds")


def start_daemon(folder, program, *arguments):
    """Start a program that puts itself into the background.

    Its output goes to a file: the end of a pipe that a daemon holds would be waited for.
    """
    environment = {**os.environ, "SLURM_CONF": f"{folder}/slurm.conf"}
    with (folder / f"log/{program}.out").open("a") as log:
        subprocess.run(
            [shutil.which(program, path=SEARCH), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
            timeout=30,
        )


def start_controller(folder):
    start_daemon(folder, "slurmctld")
    wait_for("slurmctld", lambda: run(folder, "scontrol", "show", "partition", "main"))


def start(folder):
    """Start munge, the controller and the nodes; return the folder to put first on PATH."""
    write_files(folder)
    names = {
        "socket": "munge.sock",
        "key-file": "munge.key",
        "seed-file": "munge.seed",
        "pid-file": "munge.pid",
        "log-file": "munge.log",
    }
    files = [f"--{key}={folder}/run/{name}" for key, name in names.items()]
    start_daemon(folder, "munged", "-f", *files)
    wait_for("munged", lambda: run(folder, "munge", "-S", f"{folder}/run/munge.sock", "-n"))
    start_controller(folder)
    for node in NODES:
        start_daemon(folder, "slurmd", "-N", node)
    idle = ["idle"] * len(NODES)
    wait_for("nodes", lambda: run(folder, "sinfo", "-h", "-N", "-o", "%T").split() == idle)
    return folder / "bin"


def ours(folder, *programs):
    """The processes of these programs that belong to the SLURM in the folder: pid -> command.

    They are told by the configuration in their environment, or the folder in their command.
    """
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            program = (process / "exe").resolve().name.removesuffix("-wlm")  # Debian's name
            command = (process / "cmdline").read_bytes().decode().replace("\0", " ").strip()
            environment = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has ended, or is somebody else's
        if program in programs and (
            f"SLURM_CONF={folder}/slurm.conf\0" in environment + "\0" or f"{folder}/" in command
        ):
            found[int(process.name)] = command
    return found


def kill(pids, number=signal.SIGKILL):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_controller(folder):
    kill(ours(folder, "slurmctld"))
    wait_for("end of slurmctld", lambda: not ours(folder, "slurmctld"))


def descendants(pid):
    """A process and all that it started, however deep."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        below = [int(child) for child in children.read_text().split()]
    except OSError:
        below = []
    return [pid, *(each for child in below for each in descendants(child))]


def kill_node(folder, node):
    """Let a node die: its daemon and everything of the jobs on it, at once."""
    daemons = [pid for pid, command in ours(folder, "slurmd").items() if f"-N {node}" in command]
    jobs = run(folder, "squeue", "-h", "-w", node, "-o", "%A").split()
    steps = [
        pid
        for pid, command in ours(folder, "slurmstepd").items()
        if any(f"[{job}." in command for job in jobs)
    ]
    kill([*daemons, *(each for step in steps for each in descendants(step))])


def stop(folder):
    """End all jobs and daemons."""
    try:
        run(folder, "scancel", "--user", getpass.getuser())
        wait_for("end of all jobs", lambda: not run(folder, "squeue", "-h"), seconds=5)
    except (RuntimeError, TimeoutError):
        pass  # no controller, or a dead node: what is left is killed below
    for program in ("slurmd", "slurmctld", "munged"):
        kill(ours(folder, program), signal.SIGTERM)
    try:
        wait_for("end of the daemons", lambda: not ours(folder, *DAEMONS), seconds=5)
    except TimeoutError:
        kill(ours(folder, *DAEMONS))
    for step in ours(folder, "slurmstepd"):
        kill(descendants(step))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install")
    for name in ("start", "stop"):
        commands.add_parser(name).add_argument("folder", type=lambda text: Path(text).resolve())
    arguments = parser.parse_args()
    if arguments.command == "install":
        sys.exit(install())
    if arguments.command == "start":
        print(start(arguments.folder))
    else:
        stop(arguments.folder)


if __name__ == "__main__":
    main()
