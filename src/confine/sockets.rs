//! [`filters`]: what programs may not ask the kernel for: sockets, unless they may have a network; leaving their group, so
//! that all of them can be ended together; namespaces; where they have none of their own, owners and attributes of files;
//! and what is nobody's business in a workspace. What is refused fails with "not permitted".

use super::confinement::{Confinement, Network};
use super::restrict::Around;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

/// Never: other processes, the kernel's inner life, and a ring by which sockets could be had
/// without asking for them.
const NEVER: [i64; 33] = [
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kcmp,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_fsopen,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_quotactl,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    467, // open_tree_attr
];

/// Families of sockets by which a network may be had.
const FAMILIES: [i32; 2] = [libc::AF_INET, libc::AF_INET6];

/// Numbers of the same calls under another face of the same processor, which the kernel may offer, too.
#[cfg(target_arch = "x86_64")]
const FACES: [i64; 2] = [0, 0x4000_0000];
#[cfg(not(target_arch = "x86_64"))]
const FACES: [i64; 1] = [0];

/// Calls that have numbers of their own under that face: tracing, sending, starting programs. No program of today needs them.
#[cfg(target_arch = "x86_64")]
const OWN_NUMBERS: std::ops::RangeInclusive<i64> = 0x4000_0200..=0x4000_0223;
#[cfg(not(target_arch = "x86_64"))]
const OWN_NUMBERS: std::ops::RangeInclusive<i64> = 1..=0;

/// How sockets meet others: without a network there is nobody to meet.
const MEETING: [i64; 5] =
    [libc::SYS_connect, libc::SYS_bind, libc::SYS_listen, libc::SYS_accept, libc::SYS_accept4];

/// What begins namespaces: in one of its own a program would be root.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// Beginning a session or a group of its own.
const SESSIONS: [i64; 2] = [libc::SYS_setsid, libc::SYS_setpgid];

/// Owners and attributes of files: in the middle of the machine all files of the server's user could be reached by them.
/// (Modes and times could, too, but no build goes without setting those.) The numbers have no names yet.
const ATTRIBUTES: [i64; 11] = [
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    463, // setxattrat
    466, // removexattrat
    469, // file_setattr
];

/// The same by older names.
#[cfg(target_arch = "x86_64")]
const OWNERS: [i64; 2] = [libc::SYS_chown, libc::SYS_lchown];
#[cfg(not(target_arch = "x86_64"))]
const OWNERS: [i64; 0] = [];

/// The same by way of an open file: `FS_IOC_SETFLAGS` and `FS_IOC_FSSETXATTR`.
const ATTRIBUTE_ORDERS: [u64; 2] = [0x4008_6602, 0x401c_5820];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// The filters, as the kernel wants them.
pub(super) fn filters(
    confinement: &Confinement,
    around: Around,
) -> Result<[BpfProgram; 2], String> {
    let rules = refused(confinement, around).map_err(|error| error.to_string())?;
    // It tells the kernel by a pointer what it wants, which no filter sees. Whoever is told that there is no such call takes
    // the older one.
    let unseen = FACES.map(|face| (libc::SYS_clone3 | face, Vec::new()));
    Ok([program(rules, libc::EPERM)?, program(unseen.into(), libc::ENOSYS)?])
}

fn program(rules: Rules, error: i32) -> Result<BpfProgram, String> {
    let told = |error: seccompiler::BackendError| error.to_string();
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(told)?;
    let refuse = SeccompAction::Errno(error.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
    filter.and_then(BpfProgram::try_from).map_err(told)
}

fn refused(confinement: &Confinement, around: Around) -> Result<Rules, seccompiler::BackendError> {
    let is_alone = confinement.network == Network::Nobody;
    let mut rules: Rules = OWN_NUMBERS.map(|call| (call, Vec::new())).collect();
    for face in FACES {
        let always = |calls: &[i64]| -> Rules {
            calls.iter().map(|call| (call | face, Vec::new())).collect()
        };
        rules.extend(always(&NEVER));
        if !confinement.sessions {
            rules.extend(always(&SESSIONS));
        }
        if around == Around::Machine {
            rules.extend(always(&ATTRIBUTES));
            rules.extend(always(&OWNERS));
            rules.insert(libc::SYS_ioctl | face, attribute_orders()?);
        }
        rules.insert(libc::SYS_clone | face, namespaces()?);
        rules.insert(libc::SYS_socket | face, if is_alone { Vec::new() } else { others()? });
        rules.insert(libc::SYS_socketpair | face, pairs()?);
        match confinement.network {
            Network::Ports(_) => rules.extend(past_ports(face, others()?)?),
            Network::Door(_) => rules.extend(past_ports(face, no_streams()?)?),
            Network::Nobody | Network::Anybody => {}
        }
        if is_alone {
            rules.extend(always(&MEETING));
        }
    }
    Ok(rules)
}

/// All but streams of the internet: behind a door nobody hears a datagram.
fn no_streams() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let mut rules = others()?;
    rules.push(SeccompRule::new(vec![is_kind(libc::SOCK_DGRAM)?])?);
    Ok(rules)
}

/// Ways to others on which Landlock does not ask for a port: other protocols that carry streams, connecting by what is
/// sent first, and listening where the kernel chooses.
fn past_ports(
    face: i64,
    mut sockets: Vec<SeccompRule>,
) -> Result<Rules, seccompiler::BackendError> {
    let [none, tcp, udp] = [0, libc::IPPROTO_TCP, libc::IPPROTO_UDP].map(is_other_protocol);
    sockets.push(SeccompRule::new(vec![none?, tcp?, udp?])?);
    let sends = [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)];
    let mut rules = Rules::new();
    for (call, argument) in sends {
        rules.insert(call | face, vec![SeccompRule::new(vec![connects(argument)?])?]);
    }
    rules.insert(libc::SYS_socket | face, sockets);
    rules.insert(libc::SYS_listen | face, Vec::new());
    Ok(rules)
}

fn is_other_protocol(protocol: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    let protocol = u64::from(protocol.cast_unsigned());
    SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, protocol)
}

fn connects(argument: u8) -> Result<SeccompCondition, seccompiler::BackendError> {
    let flag = u64::from(libc::MSG_FASTOPEN.cast_unsigned());
    let has = SeccompCmpOp::MaskedEq(flag);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, has, flag)
}

fn namespaces() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let rule = |flag: i32| {
        let flag = u64::from(flag.cast_unsigned());
        let has = SeccompCmpOp::MaskedEq(flag);
        let has = SeccompCondition::new(0, SeccompCmpArgLen::Dword, has, flag)?;
        SeccompRule::new(vec![has])
    };
    NAMESPACES.map(rule).into_iter().collect()
}

fn attribute_orders() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let rule = |order| {
        let is = SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, order)?;
        SeccompRule::new(vec![is])
    };
    ATTRIBUTE_ORDERS.map(rule).into_iter().collect()
}

/// All but streams and datagrams of the internet: raw ones, those of this machine, those of the kernel.
fn others() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let families = FAMILIES.map(is_other_family).into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut rules = vec![SeccompRule::new(families)?];
    // The last one has no name any more.
    let raw = [libc::SOCK_RAW, libc::SOCK_RDM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP, 10];
    for kind in raw {
        rules.push(SeccompRule::new(vec![is_kind(kind)?])?);
    }
    Ok(rules)
}

/// All pairs but those that stay what they are: one of datagrams can send to others, too, by a message with a name on it,
/// which no filter sees. (A raw one of this machine is one of datagrams.)
fn pairs() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let mut rules = vec![SeccompRule::new(vec![is_other_family(libc::AF_UNIX)?])?];
    for kind in [libc::SOCK_DGRAM, libc::SOCK_RAW] {
        rules.push(SeccompRule::new(vec![is_kind(kind)?])?);
    }
    Ok(rules)
}

fn is_other_family(family: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    let family = u64::from(family.cast_unsigned());
    SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
}

/// Above the kind of a socket stand flags.
fn is_kind(kind: i32) -> Result<SeccompCondition, seccompiler::BackendError> {
    let kind = u64::from(kind.cast_unsigned());
    SeccompCondition::new(1, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(0xf), kind)
}
