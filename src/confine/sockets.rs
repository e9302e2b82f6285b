//! What programs may not ask the kernel for: sockets, unless they may have a network; leaving their group, so that all of
//! them can be ended together; and what is nobody's business in a workspace. What is refused fails with "not permitted".

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

/// Never: other groups and sessions, other processes, the kernel's inner life, and a ring by which sockets could be had
/// without asking for them.
const NEVER: [i64; 30] = [
    libc::SYS_setsid,
    libc::SYS_setpgid,
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
];

/// Families of sockets by which a network may be had.
const FAMILIES: [i32; 2] = [libc::AF_INET, libc::AF_INET6];

/// Numbers of the same calls under another face of the same processor, which the kernel may offer, too.
#[cfg(target_arch = "x86_64")]
const FACES: [i64; 2] = [0, 0x4000_0000];
#[cfg(not(target_arch = "x86_64"))]
const FACES: [i64; 1] = [0];

/// How sockets meet others: without a network there is nobody to meet.
const MEETING: [i64; 5] =
    [libc::SYS_connect, libc::SYS_bind, libc::SYS_listen, libc::SYS_accept, libc::SYS_accept4];

/// The filter, as the kernel wants it.
pub(super) fn filter(network: bool) -> Result<BpfProgram, String> {
    let told = |error: seccompiler::BackendError| error.to_string();
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for face in FACES {
        rules.extend(NEVER.map(|call| (call | face, Vec::new())));
        let sockets = if network { others().map_err(told)? } else { Vec::new() };
        rules.insert(libc::SYS_socket | face, sockets);
        rules.insert(libc::SYS_socketpair | face, pairs().map_err(told)?);
        if !network {
            rules.extend(MEETING.map(|call| (call | face, Vec::new())));
        }
    }
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(told)?;
    let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
    filter.and_then(BpfProgram::try_from).map_err(told)
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
