/*!
The class tokens that stand in the token stream where an entity was.

A class is short and known in advance, so it is built in place: naming it allocates nothing.
*/

use std::fmt;
use std::ops::Deref;

/// Room for the longest class, `<number:00000000>`.
const ROOM: usize = 20;

/// The name of a class token, such as `<money:4>` or `<telegram>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    bytes: [u8; ROOM],
    length: u8,
}

impl Class {
    /// The class of the given ASCII name; what exceeds the room is cut off.
    pub(crate) fn new(name: &str) -> Class {
        let mut class = Class { bytes: [0; ROOM], length: 0 };
        class.push(name);
        class
    }

    /// The class `<money:N>`.
    pub(crate) fn money(amount: f64) -> Class {
        let mut digits = 1u8;
        let mut rest = amount.abs();
        while rest >= 10.0 && digits < 18 {
            rest /= 10.0;
            digits += 1;
        }
        let mut class = Class::new("<money:");
        if digits >= 10 {
            class.push("1");
        }
        class.push(&"0123456789"[usize::from(digits % 10)..][..1]);
        class.push(">");
        class
    }

    /// The class `<number:SHAPE>`.
    pub(crate) fn number(shape: &str) -> Class {
        let mut class = Class::new("<number:");
        class.push(shape);
        class.push(">");
        class
    }

    fn push(&mut self, text: &str) {
        let room = &mut self.bytes[usize::from(self.length)..];
        let mut length = text.len().min(room.len());
        if text.is_ascii() {
            room[..length].copy_from_slice(&text.as_bytes()[..length]);
        } else {
            length = 0;
            for (place, byte) in room.iter_mut().zip(text.bytes().filter(u8::is_ascii)) {
                *place = byte;
                length += 1;
            }
        }
        self.length += length as u8;
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Deref for Class {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(Class::money(9999.0).as_str(), "<money:4>");
        assert_eq!(Class::money(0.5).as_str(), "<money:1>");
        assert_eq!(Class::money(2e9).as_str(), "<money:10>");
        assert_eq!(Class::money(1e300).as_str(), "<money:18>");
        assert_eq!(Class::number("00000000").as_str(), "<number:00000000>");
    }
}
