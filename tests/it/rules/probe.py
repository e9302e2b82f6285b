import ctypes, json, os, signal, socket, subprocess, threading

t = json.load(open("target.json"))
root, server = t["root"], t["server"]
tried = {}


def attempt(name, what):
    try:
        came = what()
        tried[name] = "nothing" if came is False else "through"
    except BaseException as error:
        tried[name] = f"{type(error).__name__}: {error}"


def read(path):
    return lambda: open(path).read(1) and None


def write(path):
    return lambda: open(path, "w").write("mine") and None


def names(path):
    return lambda: os.listdir(path) and None


# What a program has to be able to do.
attempt("may read", read("src/main.py"))
attempt("may write", lambda: open("made.txt", "w").write("made") and None)
attempt("may start others", lambda: subprocess.run(["/bin/true"], check=True) and None)
attempt("may keep things", lambda: open(os.path.join(os.environ["TMPDIR"], "x"), "w").write("x") and None)
open("made.pem", "w").write("mine")

# Paths.
for path in [f"{root}/beside/canary", f"{root}/work/.env", f"{root}/work/src/main.py", f"{root}/home/token",
             f"{root}/home/callboard.db", f"{root}/config/rules.yaml", "/etc/shadow", "/root/.bashrc", "/tmp",
             f"/proc/{server}/environ", f"/proc/{server}/root/etc/passwd", f"/proc/{server}/cwd/log", "/dev/sda",
             "/proc/1/environ", ".env", ".git/config", "../../../../callboard.db", "/etc/hostname"]:
    attempt(f"path read {path}", read(path))
for path in [f"{root}/beside/x", f"{root}/work/x", "/tmp/callboard-probe", "/etc/x", "/usr/x", "/dev/shm/callboard-probe", "../x",
             "../../x", f"{root}/home/x", "/proc/self/oom_score_adj"]:
    attempt(f"path write {path}", write(path))
attempt("path list root", names(root))
attempt("path remove", lambda: os.remove(f"{root}/beside/canary"))
attempt("path rename", lambda: os.rename("made.txt", f"{root}/beside/made"))
attempt("path truncate", lambda: os.truncate(f"{root}/beside/canary", 0))
attempt("path chroot", lambda: os.chroot("."))


# Links.
def through_link(n, target, how):
    def go():
        os.symlink(target, f"link{n}")
        how(f"link{n}")
    return go


targets = [f"{root}/beside/canary", f"{root}/work/.env", f"{root}/home/token", "/etc/shadow", f"/proc/{server}/environ",
           "../../../../callboard.db", f"{root}/beside"]
for n, target in enumerate(targets):
    attempt(f"link read {target}", through_link(f"r{n}", target, lambda at: open(at).read(1)))
    attempt(f"link write {target}", through_link(f"w{n}", target, lambda at: open(at, "w").write("mine")))
attempt("link hard", lambda: os.link(f"{root}/beside/canary", "hard"))
attempt("link hard env", lambda: os.link(f"{root}/work/.env", "hard2"))
attempt("link hard token", lambda: os.link(f"{root}/home/token", "hard3"))


# The network.
def tcp(address, family=socket.AF_INET):
    def go():
        s = socket.socket(family, socket.SOCK_STREAM)
        s.settimeout(2)
        s.connect(address)
    return go


def udp(address, family=socket.AF_INET, data=b"mine"):
    return lambda: socket.socket(family, socket.SOCK_DGRAM).sendto(data, address) and None


for n, host in enumerate(["127.0.0.1", "localhost", "127.0.0.2", "0.0.0.0", "127.1"]):
    attempt(f"tcp connect {host}", tcp((host, t["tcp"])))
    attempt(f"udp send {host}", udp((host, t["udp"])))
attempt("tcp v6", tcp(("::1", t["tcp"]), socket.AF_INET6))
attempt("tcp v6 mapped", tcp(("::ffff:127.0.0.1", t["tcp"]), socket.AF_INET6))
attempt("tcp bind", lambda: socket.socket().bind(("127.0.0.1", 0)))
attempt("tcp listen", lambda: socket.create_server(("127.0.0.1", 0)) and None)
attempt("tcp child", lambda: subprocess.run(["/usr/bin/python3", "-c", f"import socket; socket.create_connection(('127.0.0.1', {t['tcp']}), 2)"], check=True, stderr=subprocess.DEVNULL) and None)
attempt("tcp thread", lambda: threaded(tcp(("127.0.0.1", t["tcp"]))))
attempt("udp v6", udp(("::1", t["udp"]), socket.AF_INET6))
attempt("udp v6 mapped", udp(("::ffff:127.0.0.1", t["udp"]), socket.AF_INET6))
attempt("udp connect", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("127.0.0.1", t["udp"])))
attempt("udp broadcast", udp(("255.255.255.255", t["udp"])))
attempt("udp bind", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(("127.0.0.1", 0)))
attempt("udp child", lambda: subprocess.run(["/bin/bash", "-c", f"echo mine > /dev/udp/127.0.0.1/{t['udp']}"], check=True, stderr=subprocess.DEVNULL) and None)
attempt("tcp shell", lambda: subprocess.run(["/bin/bash", "-c", f"echo mine > /dev/tcp/127.0.0.1/{t['tcp']}"], check=True, stderr=subprocess.DEVNULL) and None)
attempt("udp name", lambda: socket.gethostbyname("example.org") and None)


def threaded(what):
    came = []

    def go():
        try:
            what()
            came.append(True)
        except BaseException as error:
            came.append(error)
    thread = threading.Thread(target=go)
    thread.start()
    thread.join()
    if came[0] is not True:
        raise came[0]


# Sockets of this machine.
def unix(address, kind=socket.SOCK_STREAM):
    return lambda: socket.socket(socket.AF_UNIX, kind).connect(address)


attempt("unix stream", unix(f"{root}/ears/listener"))
attempt("unix datagram", unix(f"{root}/ears/datagrams", socket.SOCK_DGRAM))
attempt("unix seqpacket", unix(f"{root}/ears/listener", socket.SOCK_SEQPACKET))
attempt("unix sendto", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"mine", f"{root}/ears/datagrams") and None)
attempt("unix abstract", unix("\0" + t["name"]))
attempt("unix abstract datagram", unix("\0" + t["name"], socket.SOCK_DGRAM))
attempt("unix docker", unix("/var/run/docker.sock"))
attempt("unix dbus", unix("/run/dbus/system_bus_socket"))
attempt("unix bind", lambda: socket.socket(socket.AF_UNIX).bind("mine.sock"))
attempt("unix bind outside", lambda: socket.socket(socket.AF_UNIX).bind(f"{root}/beside/mine.sock"))
attempt("unix link", lambda: (os.symlink(f"{root}/ears/listener", "ear"), unix("ear")()) and None)
# A pair knows nobody else; but what it is made with could be sent elsewhere.
kept = []
for kind in [socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET]:
    def pair():
        kept.append(socket.socketpair(socket.AF_UNIX, kind))
        return kept[-1][0]

    def came_back():
        # A name on the message is passed over: it went to the other end, not to those who are named.
        kept[-1][1].settimeout(1)
        return False if kept[-1][1].recv(9) == b"mine" else None
    attempt(f"unix pair {kind}", lambda: pair().sendto(b"mine", f"{root}/ears/datagrams") and came_back())
    attempt(f"unix pair {kind} message", lambda: pair().sendmsg([b"mine"], [], 0, f"{root}/ears/datagrams") and came_back())
    attempt(f"unix pair {kind} reconnects", lambda: pair().connect(f"{root}/ears/datagrams"))
    attempt(f"unix pair {kind} abstract", lambda: pair().connect("\0" + t["name"]))
attempt("may have a pair", lambda: [a.send(b"x") and b.recv(1) for a, b in [socket.socketpair()]] and None)

# Others.
libc = ctypes.CDLL(None, use_errno=True)


def call(*arguments):
    def go():
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return go


attempt("other kill server", lambda: os.kill(server, 0))
attempt("other stop server", lambda: os.kill(server, signal.SIGSTOP))
# The first process of namespaces of its own is nobody's but its own, and hears nothing that is sent from inside.
own = os.getppid() == 1
attempt("other kill parent", lambda: os.kill(os.getppid(), signal.SIGKILL) or not own and None)
attempt("other kill first", lambda: os.kill(1, signal.SIGTERM) or not own and None)
attempt("other kill stranger", lambda: os.kill(t["stranger"], signal.SIGKILL))
attempt("other look at stranger", read(f"/proc/{t['stranger']}/environ"))
attempt("other trace stranger", call(101, 16, t["stranger"], 0, 0))
attempt("other read stranger", call(310, t["stranger"], ctypes.create_string_buffer(16), 1, ctypes.create_string_buffer(16), 1, 0))
attempt("other hold stranger", call(434, t["stranger"], 0))
attempt("other clone namespace", call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0))
attempt("other clone3", call(435, ctypes.create_string_buffer(88), 88))
attempt("other setsid", os.setsid)
attempt("other setpgid", lambda: os.setpgid(0, 0))
attempt("other child setsid", lambda: subprocess.run(["/bin/true"], start_new_session=True, check=True) and None)
attempt("other ptrace", call(101, 16, server, 0, 0))
attempt("other raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) and None)
attempt("other packet", lambda: socket.socket(17, socket.SOCK_RAW) and None)
attempt("other netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) and None)
attempt("other vsock", lambda: socket.socket(40, socket.SOCK_STREAM) and None)
attempt("other io_uring", call(425, 8, ctypes.create_string_buffer(256)))
attempt("other unshare", call(272, 0x10000000))
attempt("other bpf", call(321, 0, 0, 0))
attempt("other mount", call(165, b"none", b".", b"tmpfs", 0, 0))
attempt("other x32 socket", call(0x40000000 | 41, 2, 1, 0))
attempt("other memory", read(f"/proc/{server}/mem"))

# What is beside the content of files: modes, owners, times, attributes, names. By their paths, by what leads there, by open
# files, by a child of a child.
canary = f"{root}/beside/canary"
os.symlink(canary, "beside-canary")
ways = {"path": canary, "root": f"/proc/self/root{canary}", "link": "beside-canary", "up": "../../../../../../../../../../" + canary,
        "first": f"/proc/1/root{canary}", "cwd": f"/proc/self/cwd/../../../../../../../../..{canary}"}
deeds = {
    "chmod": lambda at: os.chmod(at, 0o777),
    "chown": lambda at: os.chown(at, os.getuid(), os.getgid()),
    "utime": lambda at: os.utime(at, (1, 1)),
    "setxattr": lambda at: os.setxattr(at, "user.mine", b"mine"),
    "truncate": lambda at: os.truncate(at, 1),
    "rename": lambda at: os.rename(at, at + ".mine"),
    "link": lambda at: os.link(at, f"hard-{os.getpid()}", follow_symlinks=True),
    "remove": lambda at: os.remove(at) if at != "beside-canary" else open("/nowhere"),
}
for way, at in ways.items():
    for deed, do in deeds.items():
        # A link of one's own may be renamed, and have another name: not what it leads to.
        if way != "link" or deed not in ["rename", "link"]:
            attempt(f"attr {deed} by {way}", lambda: do(at))
# The machine's own, where the kernel holds them: nothing else of this test may reach them.
for file in ["/usr/bin/python3", "/etc/passwd", "/dev/null", "/usr"] if t["attributes"] else []:
    was = os.stat(file)
    attempt(f"attr chmod {file}", lambda: os.chmod(file, was.st_mode & 0o7777))
    attempt(f"attr utime {file}", lambda: os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns)))
    attempt(f"attr chown {file}", lambda: os.chown(file, os.getuid(), os.getgid()))
deep = f"import os; os.fork() and os._exit(os.wait()[1] >> 8); os.fork() and os._exit(os.wait()[1] >> 8); os.chmod({canary!r}, 0o777)"
attempt("attr chmod by grandchild", lambda: subprocess.run(["/usr/bin/python3", "-c", deep], check=True, stderr=subprocess.DEVNULL) and None)


def rights():
    head, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.syscall(125, head, data) < 0:
        raise OSError(ctypes.get_errno(), "capget")
    return None if any(data) else False


attempt("other rights", rights)


def inherited():
    listed = os.open("/proc/self/fd", os.O_RDONLY)
    names = [int(name) for name in os.listdir(listed)]
    os.close(listed)
    return [name for name in names if name > 2 and name != listed]


attempt("attr inherited", lambda: [os.fchmod(name, 0o777) for name in inherited()] or False)
attempt("may set modes", lambda: (open("own.txt", "w").write("x"), os.chmod("own.txt", 0o700), os.utime("own.txt", (1, 1)), os.rename("own.txt", "own2.txt"), os.remove("own2.txt")) and None)

# Races: a name that changes what it leads to, while it is opened.
stop = threading.Event()
os.mkdir("swapped")
open("swapped/canary", "w").write("ours")


def swap():
    while not stop.is_set():
        try:
            os.rename("swapped", "aside")
            os.symlink(f"{root}/beside", "swapped")
            os.remove("swapped")
            os.rename("aside", "swapped")
        except OSError:
            pass


swapper = threading.Thread(target=swap)
swapper.start()
for n in range(20):
    def race():
        for _ in range(100):
            try:
                with open("swapped/canary", "r+") as file:
                    if file.read() != "ours":
                        return True
            except OSError:
                pass
        return False
    attempt(f"race {n}", race)
stop.set()
swapper.join()
for name in ["swapped", "aside"]:
    if os.path.isdir(name) and not os.path.islink(name):
        os.remove(f"{name}/canary")
        os.rmdir(name)
for name in os.listdir("."):
    if os.path.islink(name):
        os.remove(name)
os.remove("target.json")
print(json.dumps(tried))
