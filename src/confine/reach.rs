//! What every program that is run may reach, beside what is its own.

/// Where the system keeps what is for all.
pub(super) const SYSTEM: [&str; 7] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/// Files beside them that programs look into: nothing there is secret, or says what runs here.
pub(super) const FILES: [&str; 22] = [
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/alternatives",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/python3",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/self",
    "/dev/urandom",
    "/dev/random",
];

/// What may be written to though it lies outside: it forgets everything.
pub(super) const SINKS: [&str; 3] = ["/dev/null", "/dev/zero", "/dev/full"];
