//! The languages that a value can be escaped for.

use super::{Insertion, Problem, env, ini, json, nginx, properties, sh, sql, toml, xml, yaml};

/// What `{{x}}` is escaped for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Nothing is known of the text: values stand in it as they are.
    None,
    Json,
    Yaml,
    Toml,
    Ini,
    Properties,
    Env,
    Xml,
    Sh,
    Nginx,
    /// Standard SQL, as `PostgreSQL` and `SQLite` read it.
    Sql,
    /// SQL as `MySQL` and `MariaDB` read it: backslashes escape.
    Mysql,
}

impl Language {
    /// The language of a file, by its name: its suffix, and for nginx also the directory that it lies in.
    pub(crate) fn for_path(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        let name = path.rsplit('/').next().unwrap_or_default();
        let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix).unwrap_or_default();
        match suffix {
            "json" => Self::Json,
            "yaml" | "yml" => Self::Yaml,
            "toml" => Self::Toml,
            "ini" => Self::Ini,
            "properties" => Self::Properties,
            "env" => Self::Env,
            "xml" => Self::Xml,
            "sh" => Self::Sh,
            "sql" => Self::Sql,
            "conf" if name == "nginx.conf" || path.contains("/nginx/") => Self::Nginx,
            _ => Self::None,
        }
    }

    /// Escapes each inserted value for the place in which it stands.
    pub(crate) fn escape(self, text: String, insertions: &[Insertion]) -> Result<String, Problem> {
        let escape = match self {
            Self::None => return Ok(text),
            Self::Json => json::escape,
            Self::Yaml => yaml::escape,
            Self::Toml => toml::escape,
            Self::Ini => ini::escape,
            Self::Properties => properties::escape,
            Self::Env => env::escape,
            Self::Xml => xml::escape,
            Self::Sh => sh::escape,
            Self::Nginx => nginx::escape,
            Self::Sql => sql::escape,
            Self::Mysql => sql::escape_mysql,
        };
        escape(&text, insertions)
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn languages_by_path() {
        for (path, wanted) in [
            ("/etc/app/config.json", Language::Json),
            ("/etc/app/CONFIG.YML", Language::Yaml),
            ("/etc/nginx/nginx.conf", Language::Nginx),
            ("/etc/nginx/conf.d/default.conf", Language::Nginx),
            ("/srv/nginx.conf", Language::Nginx),
            ("/etc/app/app.conf", Language::None),
            ("/etc/app/.env", Language::Env),
            ("/etc/app/json", Language::None),
            ("/my.json/app", Language::None),
        ] {
            assert_eq!(Language::for_path(path), wanted, "{path}");
        }
    }
}
