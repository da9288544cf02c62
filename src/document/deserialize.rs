//! A serde deserializer over the tree. Its errors know the span, and the path by which the node can be found again.

use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::error::{Error, Fault, Problem, known, listed};
use super::located::{LISTED, LOCATED, TEXT};
use super::node::{Key, Node, Value};
use crate::failure::{Span, did_you_mean};

impl Node {
    /// What is done stands in the plan: out of a template come values, and tables of them.
    fn refuse_fields(&self) -> Result<(), Error> {
        if !self.computed || !matches!(self.value, Value::Mapping(_)) {
            return Ok(());
        }
        let hint = "write its fields here, each with a template of its own".to_owned();
        Err(Error::other("a template gives a mapping here".to_owned(), Some(hint)).blame(self))
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.value {
            Value::Unknown(guess) if !guess.is_empty() => visitor.visit_borrowed_str(guess),
            Value::Null | Value::Unknown(_) => visitor.visit_unit(),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(value) => visitor.visit_borrowed_str(value),
            Value::Sequence(items) => visitor.visit_seq(Items { items, next: 0 }),
            Value::Mapping(entries) => visitor.visit_map(Entries { entries, next: 0 }),
        }
        .map_err(|error| error.blame(self))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Value::Unknown(_) = self.value { visitor.visit_bool(false) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Value::Unknown(_) = self.value { visitor.visit_u64(0) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Unknown(ref guess) => visitor.visit_borrowed_str(guess).map_err(|error: Error| error.blame(self)),
            // No quotes around a template make text of a number.
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) if self.computed => {
                visitor.visit_string(self.to_json().to_string()).map_err(|error: Error| error.blame(self))
            }
            Value::Null if self.computed => {
                let hint = "a variable that is not set is null: `default` gives it another value";
                Err(Error::other("expected a string, found nothing".to_owned(), Some(hint.to_owned())).blame(self))
            }
            Value::Boolean(_) | Value::Integer(_) | Value::Float(_) => {
                let message = format!("expected a string, found {}", self.describe());
                Err(Error::other(message, Some("put it in quotes".to_owned())).blame(self))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value {
            Value::Unknown(ref guess) if guess.is_empty() => visitor.visit_none(),
            Value::Null if self.computed => visitor.visit_none(),
            Value::Null => {
                let hint = "give it a value, or remove the key".to_owned();
                Err(Error::other("the key has no value".to_owned(), Some(hint)).blame(self))
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == LOCATED {
            return visitor.visit_seq(Spanned { span: self.span, inner: Some(self), part: 0 });
        }
        if name == TEXT {
            self.refuse_fields()?;
            let is_text =
                self.computed && matches!(self.value, Value::Boolean(_) | Value::Integer(_) | Value::Float(_));
            return if is_text { self.deserialize_str(visitor) } else { self.deserialize_any(visitor) };
        }
        if name == LISTED {
            return match self.value {
                Value::Sequence(_) => self.deserialize_seq(visitor),
                _ => visitor.visit_seq(Single(Some(self))),
            };
        }
        visitor.visit_newtype_struct(self).map_err(|error| error.blame(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Value::Unknown(_) = self.value {
            return visitor.visit_seq(Items { items: &[], next: 0 });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Value::Unknown(_) = self.value {
            return visitor.visit_map(Entries { entries: &[], next: 0 }).map_err(|error| error.blame(self));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.refuse_fields()?;
        for (index, (key, _)) in self.entries().iter().enumerate() {
            if !fields.contains(&key.name.as_str()) {
                let hint = known(&key.name, fields);
                return Err(Error {
                    problem: Problem::UnknownKey { name: key.name.clone(), hint },
                    at: Some(Fault { span: key.span, unknown: false, computed: false }),
                    path: vec![index],
                });
            }
        }
        self.deserialize_map(visitor).map_err(|error| error.one_level_up(fields, self.entries()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Value::String(name) = &self.value else {
            let message = format!("expected one of {}, found {}", listed(variants), self.describe());
            return Err(Error::other(message, None).blame(self));
        };
        if !variants.contains(&name.as_str()) {
            let hint = did_you_mean(name, variants.iter().copied());
            return Err(Error::other(format!("expected one of {}", listed(variants)), hint).blame(self));
        }
        visitor.visit_enum(Variant(name)).map_err(|error| error.blame(self))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The parts of a [`super::Located`]: line, column, length, value.
struct Spanned<D> {
    span: Span,
    inner: Option<D>,
    part: u8,
}

impl<'de, D: Deserializer<'de, Error = Error>> SeqAccess<'de> for Spanned<D> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.part += 1;
        let number = match self.part {
            1 => self.span.line,
            2 => self.span.column,
            3 => self.span.length,
            _ => return self.inner.take().map(|inner| seed.deserialize(inner)).transpose(),
        };
        let number: U32Deserializer<Error> = number.into_deserializer();
        seed.deserialize(number).map(Some)
    }
}

/// The one item of a list that was left out.
struct Single<'de>(Option<&'de Node>);

impl<'de> SeqAccess<'de> for Single<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|node| seed.deserialize(node).map_err(|error| error.blame(node))).transpose()
    }
}

struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.blame(item).below(index))
    }
}

struct Entries<'de> {
    entries: &'de [(Key, Node)],
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.entries.get(self.next).map(|(key, _)| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let index = self.next;
        self.next += 1;
        let (_, node) = self.entries.get(index).ok_or_else(|| Error::custom("a key without a value"))?;
        seed.deserialize(node).map_err(|error| error.blame(node).below(index))
    }
}

impl<'de> Deserializer<'de> for &'de Key {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(&self.name)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == LOCATED {
            return visitor.visit_seq(Spanned { span: self.span, inner: Some(self), part: 0 });
        }
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Variant<'de>(&'de str);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: serde::de::value::BorrowedStrDeserializer<'de, Error> =
            serde::de::value::BorrowedStrDeserializer::new(self.0);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(Error::custom("a variant with content is not written as a string"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("a variant with content is not written as a string"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(Error::custom("a variant with content is not written as a string"))
    }
}
