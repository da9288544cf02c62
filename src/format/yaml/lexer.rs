//! YAML as tokens. Values that a template put in are opaque: whatever they hold, they count as one character of a scalar.

use super::token::{Block, Kind, Token};
use crate::format::Insertion;
use crate::format::search::end_of_line;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Byte(u8),
    Value,
    End,
}

impl Unit {
    fn is_break(self) -> bool {
        matches!(self, Self::Byte(b'\n' | b'\r') | Self::End)
    }

    fn is_space(self) -> bool {
        self.is_break() || matches!(self, Self::Byte(b' ' | b'\t'))
    }

    fn is_flow_indicator(self) -> bool {
        matches!(self, Self::Byte(b',' | b'[' | b']' | b'{' | b'}'))
    }
}

/// Goes through a text token by token. A clone goes on from the same place.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    insertions: &'a [Insertion],
    /// How many insertions are behind.
    pub(crate) used: usize,
    pub(super) at: usize,
    pub(super) line: usize,
    flow_depth: usize,
    /// The column of the innermost block collection, `None` outside of all.
    outer: Option<usize>,
    /// Where the properties begin that stand before the next token on its line.
    properties: Option<usize>,
    first: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str, insertions: &'a [Insertion]) -> Self {
        Self {
            bytes: text.as_bytes(),
            insertions,
            used: 0,
            at: 0,
            line: 0,
            flow_depth: 0,
            outer: None,
            properties: None,
            first: true,
        }
    }

    /// Goes to the beginning of a line outside of brackets.
    pub(super) fn go_to_line(&mut self, at: usize, outer: Option<usize>) {
        self.at = at;
        self.line = at;
        self.flow_depth = 0;
        self.outer = outer;
        self.properties = None;
        self.first = true;
    }

    pub(super) fn unit(&self) -> Unit {
        if self.insertions.get(self.used).is_some_and(|next| next.range.start == self.at) {
            return Unit::Value;
        }
        self.bytes.get(self.at).map_or(Unit::End, |&byte| Unit::Byte(byte))
    }

    /// What stands `distance` bytes on, when there is no value in between.
    fn ahead(&self, distance: usize) -> Unit {
        let place = self.at + distance;
        if self.insertions.get(self.used).is_some_and(|next| next.range.start <= place) {
            return Unit::Value;
        }
        self.bytes.get(place).map_or(Unit::End, |&byte| Unit::Byte(byte))
    }

    /// Goes behind what stands here.
    pub(super) fn advance(&mut self) {
        match self.insertions.get(self.used) {
            Some(next) if next.range.start == self.at => {
                self.at = next.range.end;
                self.used += 1;
            }
            _ => {
                let byte = self.bytes.get(self.at).copied();
                self.at += usize::from(byte.is_some());
                if matches!(byte, Some(b'\n' | b'\r')) {
                    self.line = self.at;
                }
            }
        }
    }

    /// The next token; at the end always [`Kind::End`].
    pub(crate) fn next(&mut self) -> Token {
        let mut spaced = self.at == self.line;
        while self.unit() != Unit::End && self.unit().is_space() {
            if self.unit().is_break() {
                self.first = true;
                self.properties = None;
            }
            spaced = true;
            self.advance();
        }
        let mut token = Token {
            kind: Kind::End,
            start: self.at,
            end: self.at,
            column: self.at - self.line,
            first: self.first,
            key: false,
            inside_flow: self.flow_depth > 0,
            block: Block::default(),
        };
        self.first = false;
        token.kind = self.kind(spaced, token.column);
        self.go_behind(&mut token);
        token.end = self.at;
        self.follow(&token);
        token
    }

    fn kind(&self, spaced: bool, column: usize) -> Kind {
        let Unit::Byte(byte) = self.unit() else {
            return if self.unit() == Unit::Value { Kind::Plain } else { Kind::End };
        };
        let flow = self.flow_depth > 0;
        let indicates = self.ahead(1).is_space();
        match byte {
            b'#' if spaced => Kind::Comment,
            b'%' if column == 0 && !flow => Kind::Directive,
            b'-' if column == 0 && self.marks(b'-') => Kind::DocumentStart,
            b'.' if column == 0 && self.marks(b'.') => Kind::DocumentEnd,
            b'-' if indicates && !flow => Kind::Dash,
            b'?' if indicates => Kind::Question,
            b':' if indicates || flow => Kind::Colon,
            b'[' | b'{' => Kind::Open,
            b']' | b'}' if flow => Kind::Close,
            b',' if flow => Kind::Comma,
            b'&' => Kind::Anchor,
            b'!' => Kind::Tag,
            b'*' => Kind::Alias,
            b'|' | b'>' if !flow => Kind::Block,
            b'\'' => Kind::Single,
            b'"' => Kind::Double,
            _ => Kind::Plain,
        }
    }

    fn marks(&self, byte: u8) -> bool {
        let marker = Unit::Byte(byte);
        self.unit() == marker && self.ahead(1) == marker && self.ahead(2) == marker && self.ahead(3).is_space()
    }

    fn go_behind(&mut self, token: &mut Token) {
        match token.kind {
            Kind::End | Kind::Unclosed => {}
            Kind::Comment | Kind::Directive => self.skip_line(),
            Kind::DocumentStart | Kind::DocumentEnd => self.at += 3,
            Kind::Dash | Kind::Question | Kind::Colon | Kind::Open | Kind::Close | Kind::Comma => self.at += 1,
            Kind::Anchor | Kind::Tag | Kind::Alias => {
                self.name(token.kind);
                token.key = token.kind == Kind::Alias && self.colon_follows();
            }
            Kind::Plain => token.key = self.plain(),
            Kind::Single => {
                token.kind = self.quoted(b'\'', Kind::Single);
                token.key = self.colon_follows();
            }
            Kind::Double => {
                token.kind = self.quoted(b'"', Kind::Double);
                token.key = self.colon_follows();
            }
            Kind::Block => token.block = self.block(),
        }
    }

    /// Keeps track of where in the structure the next token stands.
    fn follow(&mut self, token: &Token) {
        match token.kind {
            Kind::Open => self.flow_depth += 1,
            Kind::Close => self.flow_depth -= 1,
            Kind::DocumentStart | Kind::DocumentEnd => self.outer = None,
            Kind::Anchor | Kind::Tag if !token.inside_flow => {
                self.properties = self.properties.or(Some(token.column));
                return;
            }
            Kind::Dash | Kind::Question => self.outer = Some(token.column),
            Kind::Colon if token.first && !token.inside_flow => self.outer = Some(token.column),
            _ if token.key && !token.inside_flow => self.outer = Some(self.properties.unwrap_or(token.column)),
            _ => {}
        }
        self.properties = None;
    }

    pub(super) fn skip_line(&mut self) {
        while !self.unit().is_break() {
            self.advance();
            let bound = self.insertions.get(self.used).map_or(self.bytes.len(), |next| next.range.start);
            self.at = end_of_line(self.bytes.get(..bound).unwrap_or_default(), self.at).max(self.at);
        }
    }

    fn name(&mut self, kind: Kind) {
        // Only a tag; an anchor may begin with `<` like with any other character.
        let verbatim = kind == Kind::Tag && self.ahead(1) == Unit::Byte(b'<');
        while !self.unit().is_space() {
            let unit = self.unit();
            if self.flow_depth > 0 && unit.is_flow_indicator() && !verbatim {
                return;
            }
            self.advance();
            if verbatim && unit == Unit::Byte(b'>') {
                return;
            }
        }
    }

    /// Whether something that can be part of a plain scalar in brackets stands here.
    pub(super) fn text_follows(&self) -> bool {
        !self.unit().is_space() && !self.unit().is_flow_indicator()
    }

    pub(super) fn colon_follows(&self) -> bool {
        let mut look = self.clone();
        while matches!(look.unit(), Unit::Byte(b' ' | b'\t')) {
            look.advance();
        }
        look.unit() == Unit::Byte(b':') && (look.flow_depth > 0 || look.ahead(1).is_space())
    }

    /// Goes behind a quoted scalar, which is of this kind when it is closed.
    fn quoted(&mut self, quote: u8, kind: Kind) -> Kind {
        self.at += 1;
        loop {
            match self.unit() {
                Unit::End => return Kind::Unclosed,
                Unit::Byte(byte) if byte == quote => {
                    self.at += 1;
                    if quote == b'"' || self.unit() != Unit::Byte(quote) {
                        return kind;
                    }
                    self.at += 1;
                }
                Unit::Byte(b'\\') if quote == b'"' => {
                    self.at += 1;
                    if self.unit() != Unit::Value {
                        self.advance();
                    }
                }
                _ => self.advance(),
            }
        }
    }

    /// Goes behind a plain scalar. True when it is a key.
    fn plain(&mut self) -> bool {
        let mut on_first_line = true;
        let mut end = self.clone();
        loop {
            let mut spaced = false;
            loop {
                let unit = self.unit();
                let flow = self.flow_depth > 0;
                match unit {
                    _ if unit.is_break() => break,
                    Unit::Byte(b' ' | b'\t') => {
                        spaced = true;
                        self.at += 1;
                        continue;
                    }
                    Unit::Byte(b'#') if spaced => {
                        *self = end;
                        return false;
                    }
                    Unit::Byte(b':') if self.ahead(1).is_space() || flow && self.ahead(1).is_flow_indicator() => {
                        *self = end;
                        return on_first_line;
                    }
                    _ if flow && unit.is_flow_indicator() => {
                        *self = end;
                        return false;
                    }
                    _ => {}
                }
                spaced = false;
                self.advance();
                end.at = self.at;
                end.used = self.used;
                end.line = self.line;
            }
            if !self.continues() {
                *self = end;
                return false;
            }
            on_first_line = false;
        }
    }

    /// Goes to the next line with something in it, if a plain scalar goes on there.
    fn continues(&mut self) -> bool {
        let mut look = self.clone();
        while look.unit() != Unit::End && look.unit().is_space() {
            look.advance();
        }
        let column = look.at - look.line;
        let goes_on = match look.unit() {
            Unit::End | Unit::Byte(b'#') => false,
            _ if self.flow_depth > 0 => !look.unit().is_flow_indicator(),
            _ if column == 0 && (look.marks(b'-') || look.marks(b'.')) => false,
            _ => self.outer.is_none_or(|outer| column > outer),
        };
        if goes_on {
            *self = look;
        }
        goes_on
    }

    /// Goes to the end of the last line of a block scalar.
    fn block(&mut self) -> Block {
        self.at += 1;
        let (mut explicit, mut keeps) = (None, false);
        while let Unit::Byte(byte @ (b'1'..=b'9' | b'+' | b'-')) = self.unit() {
            keeps |= byte == b'+';
            explicit = byte.is_ascii_digit().then(|| usize::from(byte - b'0')).or(explicit);
            self.at += 1;
        }
        self.skip_line();
        let outer = self.outer.unwrap_or(0);
        let least = self.outer.map_or(1, |outer| outer + 1);
        let mut indent = explicit.map(|explicit| outer + explicit);
        let mut end = self.clone();
        self.line_break();
        let content = self.at;
        while self.unit() != Unit::End {
            while self.unit() == Unit::Byte(b' ') {
                self.at += 1;
            }
            let column = self.at - self.line;
            if !self.unit().is_break() {
                if column < *indent.get_or_insert(column.max(least)) {
                    break;
                }
                self.skip_line();
                end = self.clone();
            } else if keeps || indent.is_some_and(|indent| column > indent) {
                // Blanks behind the indentation are text.
                end = self.clone();
            }
            self.line_break();
        }
        *self = end;
        let indent = indent.unwrap_or(least);
        Block { content, outer, indent, root: self.outer.is_none(), detected: explicit.is_none() }
    }

    fn line_break(&mut self) {
        if self.unit() == Unit::Byte(b'\r') {
            self.advance();
        }
        if self.unit() == Unit::Byte(b'\n') {
            self.advance();
        }
    }
}
