//! Numbers of variable length: seven bits a byte, lowest first.

pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small for numbers near zero of either sign.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// The text ended early, or a number is longer than it can be: the block is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// Reads from the front of a slice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Broken> {
        let mut value = 0_u64;
        for (place, byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * place);
            if *byte < 0x80 {
                self.0 = &self.0[place + 1..];
                return Ok(value);
            }
        }
        Err(Broken)
    }

    #[inline]
    pub(super) fn signed(&mut self) -> Result<i64, Broken> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    #[inline]
    pub(super) fn size(&mut self) -> Result<usize, Broken> {
        usize::try_from(self.number()?).map_err(|_| Broken)
    }

    #[inline]
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Broken)?;
        self.0 = tail;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Broken> {
        self.bytes(1).map(|one| one[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_cut_ones_are_broken() {
        let mut out = Vec::new();
        let signed = [0, 1, -1, 63, -64, 64, i64::MAX, i64::MIN];
        let plain = [0, 1, 127, 128, u64::MAX];
        for value in signed {
            put_signed(&mut out, value);
        }
        for value in plain {
            put(&mut out, value);
        }
        let mut cursor = Cursor(&out);
        for value in signed {
            assert_eq!(cursor.signed(), Ok(value));
        }
        for value in plain {
            assert_eq!(cursor.number(), Ok(value));
        }
        assert_eq!(cursor.number(), Err(Broken));
        assert_eq!(Cursor(&[0xff; 20]).number(), Err(Broken));
        assert_eq!(Cursor(&[0x80]).number(), Err(Broken));
    }
}
