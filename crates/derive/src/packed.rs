//! How things lie in memory of which there are many and that are seldom looked at: as bytes, a fifth of what their parts take.
//!
//! Most of what is last written in one came with the same event, so the places of events stand once each, and texts beside them.

use std::{borrow::Cow, collections::BTreeMap, marker::PhantomData};

use hiveboard_wire::{EventId, OrderKey, Timestamp};
use serde::{Deserialize, Serialize};

use crate::last_write_wins::LastWrite;

/// What can be packed: by way of a form that borrows its texts.
pub(crate) trait Pack: Sized {
    type Form<'a>: Serialize + Deserialize<'a>
    where
        Self: 'a;
    /// What counts and orders go by, which is not worth opening all for.
    type Glance: Copy + std::fmt::Debug;

    fn form(&self) -> Self::Form<'_>;
    fn from_form(form: Self::Form<'_>) -> Self;
    fn glance(&self) -> Self::Glance;
}

/// A value as bytes.
#[derive(Debug)]
pub(crate) struct Packed<T: Pack> {
    pub(crate) glance: T::Glance,
    bytes: Box<[u8]>,
    of: PhantomData<fn() -> T>,
}

impl<T: Pack> Packed<T> {
    pub(crate) fn new(value: &T) -> Self {
        let bytes = postcard::to_stdvec(&value.form()).expect("it holds nothing that cannot be encoded");
        Self { glance: value.glance(), bytes: bytes.into_boxed_slice(), of: PhantomData }
    }

    pub(crate) fn open(&self) -> T {
        T::from_form(postcard::from_bytes(&self.bytes).expect("these bytes were written above"))
    }
}

impl<T: Pack> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self { glance: self.glance, bytes: self.bytes.clone(), of: PhantomData }
    }
}

/// Packed values by their id.
pub(crate) type PackedById<T> = BTreeMap<Box<str>, Packed<T>>;

/// Changes the value of that id, from `new` on where there is none.
pub(crate) fn change<T: Pack>(
    by_id: &mut PackedById<T>,
    id: &str,
    new: impl FnOnce() -> T,
    change: impl FnOnce(&mut T),
) {
    let known = by_id.get_mut(id);
    let mut value = known.as_ref().map_or_else(new, |packed| packed.open());
    change(&mut value);
    let packed = Packed::new(&value);
    match known {
        Some(known) => *known = packed,
        None => drop(by_id.insert(id.into(), packed)),
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum PackedId<'a> {
    Uuid([u8; 16]),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

/// The place of an event.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PackedKey<'a>(i64, u8, #[serde(borrow)] PackedId<'a>);

impl From<&OrderKey> for PackedKey<'_> {
    fn from(key: &OrderKey) -> Self {
        let id = match key.event_id.as_uuid() {
            Some(bytes) => PackedId::Uuid(*bytes),
            None => PackedId::Text(key.event_id.to_string().into()),
        };
        Self(key.timestamp.micros(), key.rank, id)
    }
}

impl From<&PackedKey<'_>> for OrderKey {
    fn from(PackedKey(micros, rank, id): &PackedKey<'_>) -> Self {
        let event_id = match id {
            PackedId::Uuid(bytes) => EventId::from_uuid(*bytes),
            PackedId::Text(text) => EventId::new(text),
        };
        Self { timestamp: Timestamp(*micros), rank: *rank, event_id }
    }
}

/// The events that gave something, each once.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Keys<'a>(#[serde(borrow)] Vec<PackedKey<'a>>);

/// A value, and the place of its event among [`Keys`].
pub(crate) type Given<T> = Option<(u8, T)>;

/// Puts the places of events into [`Keys`].
#[derive(Default)]
pub(crate) struct KeysBuilder<'a>(Vec<&'a OrderKey>);

impl<'a> KeysBuilder<'a> {
    pub(crate) fn give<T, R>(&mut self, last: Option<&'a LastWrite<T>>, value: impl FnOnce(&'a T) -> R) -> Given<R> {
        let last = last?;
        let place = self.0.iter().position(|known| **known == last.key).unwrap_or_else(|| {
            self.0.push(&last.key);
            self.0.len() - 1
        });
        Some((u8::try_from(place).expect("no form has so many parts"), value(&last.value)))
    }

    pub(crate) fn keys(self) -> Keys<'static> {
        Keys(self.0.into_iter().map(PackedKey::from).collect())
    }
}

impl Keys<'_> {
    pub(crate) fn take<T, R>(&self, given: Given<T>, value: impl FnOnce(T) -> R) -> Option<LastWrite<R>> {
        given.map(|(place, given)| LastWrite { key: (&self.0[usize::from(place)]).into(), value: value(given) })
    }
}
