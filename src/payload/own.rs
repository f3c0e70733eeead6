//! Values of a Rust type that the caller brings: held as they are, without a schema.

use serde::Serialize;
use std::any::Any;
use std::fmt;

/// Messages of one type of the caller's.
pub trait OwnMessages: Send + Sync + fmt::Debug {
    /// The name of the type, as `std::any::type_name` has it.
    fn type_name(&self) -> &'static str;

    /// The number of messages.
    fn count(&self) -> usize;

    /// An empty target to decode into, with room for `capacity` messages.
    fn target(&self, capacity: usize) -> Box<dyn OwnTarget>;

    /// Themselves: [`Values`] of their type.
    fn as_any(&self) -> &dyn Any;
}

/// Decoded messages of one type of the caller's.
pub trait OwnTarget: Send {
    /// The number of messages.
    fn count(&self) -> usize;

    /// Whether those behind the first `messages` are these again and again.
    fn repeats_agree(&self, messages: usize) -> bool;

    /// The place of the first message that is not equal to the one that was sent; those that were sent start again after
    /// the last.
    fn first_difference(&self, sent: &dyn OwnMessages) -> Option<usize>;

    /// Themselves: a vector of their type.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl fmt::Debug for dyn OwnTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} decoded values", self.count())
    }
}

/// Whether two values are the same.
type Same<T> = fn(&T, &T) -> bool;

/// Messages of type `T`.
pub struct Values<T> {
    /// In order.
    pub values: Vec<T>,
    same: Same<T>,
}

impl<T: PartialEq> Values<T> {
    /// Messages that are the same where they are equal.
    pub fn new(values: Vec<T>) -> Self {
        Values { values, same: |one, other| one == other }
    }

    /// Messages that are the same where they are equal, or their bytes are: NaN is the same as NaN.
    pub fn with_nan(values: Vec<T>) -> Self
    where
        T: Serialize,
    {
        let same: Same<T> = |one, other| {
            let bytes = |value: &T| postcard::to_stdvec(value).ok();
            one == other || bytes(one).is_some_and(|one| Some(one) == bytes(other))
        };
        Values { values, same }
    }
}

impl<T> fmt::Debug for Values<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.values.len(), std::any::type_name::<T>())
    }
}

impl<T: Send + Sync + 'static> OwnMessages for Values<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn count(&self) -> usize {
        self.values.len()
    }

    fn target(&self, capacity: usize) -> Box<dyn OwnTarget> {
        Box::new(Target { values: Vec::<T>::with_capacity(capacity), same: self.same })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Decoded messages of type `T`.
struct Target<T> {
    values: Vec<T>,
    same: Same<T>,
}

impl<T: Send + Sync + 'static> OwnTarget for Target<T> {
    fn count(&self) -> usize {
        self.values.len()
    }

    fn repeats_agree(&self, messages: usize) -> bool {
        let (first, repeats) = self.values.split_at(messages.min(self.values.len()));
        let agrees =
            |repeat: &[T]| repeat.len() == first.len() && repeat.iter().zip(first).all(|(a, b)| (self.same)(a, b));
        repeats.chunks(messages.max(1)).all(agrees)
    }

    fn first_difference(&self, sent: &dyn OwnMessages) -> Option<usize> {
        let Some(Values { values: sent, same }) = sent.as_any().downcast_ref::<Values<T>>() else { return Some(0) };
        self.values.iter().zip(sent.iter().cycle()).position(|(found, sent)| !same(found, sent))
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        &mut self.values
    }
}
