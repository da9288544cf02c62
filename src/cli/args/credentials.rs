//! Steps that make who the application is and what it proves it with: accounts, secrets, certificates, and
//! whom it trusts.

use clap::Args;

use super::OwnerAndMode;

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountArguments {
    /// The name of the user, and of his group when that has none yet
    pub(in crate::cli) user: String,
    /// The number of the user [default: that of the user who runs this]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) uid: Option<u32>,
    /// The number of the group [default: that of the user who runs this]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) gid: Option<u32>,
    /// [default: /]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) home: Option<String>,
    /// [default: /sbin/nologin]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) shell: Option<String>,
    /// The file of users [default: /etc/passwd]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) passwd: Option<String>,
    /// The file of groups [default: /etc/group]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) group: Option<String>,
    /// Give the number to the entry of this name, whatever number it has
    #[arg(long)]
    pub(in crate::cli) replace: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct GenerateArguments {
    /// password, hex, base64, uuid, key, certificate
    pub(in crate::cli) kind: String,
    /// The file, which is kept when it is there
    pub(in crate::cli) path: String,
    /// Characters of a password, bytes of hex and base64 [default: 32]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) length: Option<u32>,
    /// alphanumeric, letters, digits, url_safe [default: alphanumeric]
    #[arg(long)]
    pub(in crate::cli) alphabet: Option<String>,
    /// The characters of a password
    #[arg(long, value_name = "TEXT", conflicts_with = "alphabet")]
    pub(in crate::cli) characters: Option<String>,
    /// p256, ed25519 [default: p256]
    #[arg(long)]
    pub(in crate::cli) algorithm: Option<String>,
    /// A name or address that a certificate is for
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,
    /// The subject of a certificate [default: the first name]
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) common_name: Option<String>,
    /// How long a certificate is valid [default: 365d]
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) valid_for: Option<String>,
    /// Make a new certificate when the old one ends within this time
    #[arg(long, value_name = "DURATION")]
    pub(in crate::cli) renew_before: Option<String>,
    /// The file of a certificate's key [default: PATH with the suffix .key]
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) key_path: Option<String>,
    /// Mode of a certificate's key [default: 0600]
    #[arg(long, value_name = "MODE")]
    pub(in crate::cli) key_mode: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TrustArguments {
    /// The bundle that is made
    pub(in crate::cli) path: String,
    /// A file, or a directory with *.pem, *.crt and *.cer files
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) add: Vec<String>,
    /// What the bundle begins with: system, none, or a PEM file [default: system]
    #[arg(long, value_name = "BASE")]
    pub(in crate::cli) base: Option<String>,
    /// pem, pkcs12, jks [default: by the suffix]
    #[arg(long)]
    pub(in crate::cli) format: Option<String>,
    /// The environment variable that holds the password of the store [default: changeit]
    #[arg(long, value_name = "NAME", conflicts_with = "password_file")]
    pub(in crate::cli) password_env: Option<String>,
    /// The file that holds it
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) password_file: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) attributes: OwnerAndMode,
}
