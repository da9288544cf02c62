//! stand-in

/// Why a text is not of the format.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The byte at which it is wrong.
    pub(crate) offset: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

macro_rules! stand_in {
    ($($name:ident)*) => {$(
        pub(crate) mod $name {
            pub(crate) fn read(_: &str) -> Result<serde_json::Value, super::Problem> {
                Err(super::Problem { offset: 0, message: "this format cannot be read yet".to_owned(), hint: None })
            }
        }
    )*};
}

stand_in!(toml ini properties env);
