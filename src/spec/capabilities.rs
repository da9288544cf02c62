//! The pieces of root's power.

use serde::Deserialize;

use crate::document::Located;
use crate::failure::{Failure, Kind, did_you_mean};

/// All of them, each at the place of its number: `linux/capability.h`.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// What of root's rights the application keeps, and what it could ever get.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct CapabilitiesSpec {
    /// What the application could ever get, for instance through setuid programs: all others are given up for good.
    pub(crate) bounding: Option<Vec<Located<Capability>>>,
    /// What the application has although it is not root.
    #[serde(default)]
    pub(crate) ambient: Vec<Located<Capability>>,
}

impl CapabilitiesSpec {
    /// The bounding set, each capability a bit at the place of its number.
    pub(crate) fn bounding_set(&self) -> Option<u64> {
        self.bounding.as_deref().map(set)
    }

    /// The ambient set in the same way.
    pub(crate) fn ambient_set(&self) -> u64 {
        set(&self.ambient)
    }

    /// What is wrong across both fields.
    pub(crate) fn findings(&self) -> Vec<Failure> {
        let Some(bounding) = &self.bounding else { return Vec::new() };
        let lost = self.ambient.iter().filter(|kept| !bounding.iter().any(|known| known.value == kept.value));
        lost.map(|lost| {
            let message = format!("`{}` is given up by `bounding`", lost.value.name());
            Failure::new(Kind::Plan, message).at(lost.span).hint("add it there too")
        })
        .collect()
    }
}

fn set(capabilities: &[Located<Capability>]) -> u64 {
    capabilities.iter().fold(0, |bits, capability| bits | 1 << capability.value.0)
}

/// One piece of root's power, by its name with or without `CAP_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Capability(u8);

impl Capability {
    fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

impl TryFrom<String> for Capability {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper);
        let known = NAMES.iter().position(|known| *known == name).and_then(|number| u8::try_from(number).ok());
        known.map(Self).ok_or_else(|| {
            let near = did_you_mean(name, NAMES).unwrap_or_else(|| "for instance NET_BIND_SERVICE".to_owned());
            format!("not a capability\n{near}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Capability;

    #[test]
    fn capabilities_by_name() {
        for (text, wanted) in [
            ("CHOWN", Some(0)),
            ("CAP_NET_BIND_SERVICE", Some(10)),
            ("cap_sys_admin", Some(21)),
            ("checkpoint_restore", Some(40)),
            ("CAP_", None),
            ("", None),
            ("10", None),
        ] {
            let capability = Capability::try_from(text.to_owned()).ok();
            assert_eq!(capability.map(|capability| capability.0), wanted, "{text}");
        }
        let near = Capability::try_from("NET_BIND_SERVIC".to_owned()).unwrap_err();
        assert!(near.contains("NET_BIND_SERVICE"), "{near}");
    }
}
