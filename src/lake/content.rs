//! The content hash: over schema and values in their order, never over file
//! bytes. Batches, row groups and the engine's choice of text type do not
//! count; a null counts as null whatever lies under it.

use arrow::array::{Array, ArrayRef, AsArray, GenericByteArray, RecordBatch};
use arrow::datatypes::{ByteArrayType, DataType, SchemaRef};

use super::types::{stored_batch, type_name};
use crate::error::{Error, Result};

/// Hashes a table that passes by in batches.
pub struct ContentHasher {
    schema: SchemaRef,
    rows: u64,
    columns: Vec<ColumnHasher>,
}

/// One column: which rows have a value, how long the values are where that
/// varies, and the values themselves, each as one stream over all rows.
#[derive(Default)]
struct ColumnHasher {
    validity: blake3::Hasher,
    lengths: blake3::Hasher,
    values: blake3::Hasher,
}

impl ContentHasher {
    /// Starts on a table of a stored schema.
    pub fn new(schema: SchemaRef) -> Self {
        let columns = schema.fields().iter().map(|_| ColumnHasher::default()).collect();
        ContentHasher { schema, rows: 0, columns }
    }

    /// Takes the next rows in.
    ///
    /// # Errors
    /// [`Error::Internal`] for a batch of another table.
    pub fn update(&mut self, batch: &RecordBatch) -> Result<()> {
        let batch = stored_batch(batch, &self.schema)?;
        for (hasher, column) in self.columns.iter_mut().zip(batch.columns()) {
            hasher.update(column)?;
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// The hash, 32 hex digits.
    pub fn finish(&self) -> String {
        let mut whole = blake3::Hasher::new();
        whole.update(b"honkvast content 1\n");
        whole.update(&self.rows.to_le_bytes());
        for (field, column) in self.schema.fields().iter().zip(&self.columns) {
            // Names and types end with a byte that neither can hold.
            whole.update(field.name().as_bytes()).update(&[0xff]);
            whole.update(type_name(field.data_type()).as_bytes()).update(&[0xff]);
            for part in [&column.validity, &column.lengths, &column.values] {
                whole.update(part.finalize().as_bytes());
            }
        }
        whole.finalize().to_hex().chars().take(32).collect()
    }
}

impl ColumnHasher {
    fn update(&mut self, column: &ArrayRef) -> Result<()> {
        match column.nulls() {
            Some(nulls) => {
                let validity: Vec<u8> = nulls.iter().map(u8::from).collect();
                self.validity.update(&validity);
            }
            None => {
                self.validity.update(&vec![1; column.len()]);
            }
        }
        match column.data_type() {
            DataType::Boolean => {
                let values: Vec<u8> =
                    column.as_boolean().iter().map(|value| u8::from(value == Some(true))).collect();
                self.values.update(&values);
            }
            DataType::Utf8 => self.update_bytes(column.as_string::<i32>()),
            DataType::Binary => self.update_bytes(column.as_binary::<i32>()),
            _ => self.update_fixed(column)?,
        }
        Ok(())
    }

    fn update_bytes<T>(&mut self, column: &GenericByteArray<T>)
    where
        T: ByteArrayType<Offset = i32>,
    {
        let length = |row: usize| match column.is_valid(row) {
            true => column.value_length(row),
            false => 0,
        };
        let lengths: Vec<u8> =
            (0..column.len()).flat_map(|row| length(row).to_le_bytes()).collect();
        self.lengths.update(&lengths);
        let offsets = column.value_offsets();
        let (start, end) = (offsets[0] as usize, offsets[column.len()] as usize);
        let is_bare = |row: usize| column.is_valid(row) || column.value_length(row) == 0;
        if column.null_count() == 0 || (0..column.len()).all(is_bare) {
            // The values lie end to end, as they are hashed.
            self.values.update(&column.value_data()[start..end]);
            return;
        }
        for row in (0..column.len()).filter(|row| column.is_valid(*row)) {
            self.values.update(column.value(row).as_ref());
        }
    }

    fn update_fixed(&mut self, column: &ArrayRef) -> Result<()> {
        let data = column.to_data();
        let width = data.data_type().primitive_width();
        let (Some(width), Some(buffer)) = (width, data.buffers().first()) else {
            return Err(Error::internal(format!("cannot hash type {}", data.data_type())));
        };
        let start = data.offset() * width;
        let Some(values) = buffer.as_slice().get(start..start + data.len() * width) else {
            return Err(Error::internal("an array is shorter than it says"));
        };
        match column.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => {
                self.values.update(values);
            }
            Some(nulls) => {
                let mut values = values.to_vec();
                for (value, is_valid) in values.chunks_exact_mut(width).zip(nulls.iter()) {
                    if !is_valid {
                        value.fill(0);
                    }
                }
                self.values.update(&values);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, LargeStringArray,
        StringArray, StringViewArray,
    };
    use arrow::buffer::{NullBuffer, ScalarBuffer};
    use arrow::datatypes::Int32Type;

    use super::super::types::stored_schema;
    use super::*;

    fn hash(batches: &[RecordBatch]) -> String {
        let schema = stored_schema(&batches[0].schema(), Path::new("x")).unwrap();
        let mut hasher = ContentHasher::new(schema);
        for batch in batches {
            hasher.update(batch).unwrap();
        }
        hasher.finish()
    }

    fn one(name: &str, column: impl Array + 'static) -> RecordBatch {
        RecordBatch::try_from_iter([(name, Arc::new(column) as ArrayRef)]).unwrap()
    }

    fn wide() -> RecordBatch {
        let decimal = Decimal128Array::from(vec![Some(1), None, Some(-3), Some(4)])
            .with_precision_and_scale(9, 2)
            .unwrap();
        RecordBatch::try_from_iter([
            ("id", Arc::new(Int64Array::from(vec![1, 2, 3, 4])) as ArrayRef),
            ("text", Arc::new(StringArray::from(vec![Some("ab"), None, Some(""), Some("c")]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, None]))),
            ("day", Arc::new(Date32Array::from(vec![Some(1), Some(2), None, Some(3)]))),
            ("amount", Arc::new(decimal)),
        ])
        .unwrap()
    }

    #[test]
    fn batch_boundaries_do_not_count() {
        let whole = wide();
        let parts = [whole.slice(0, 1), whole.slice(1, 0), whole.slice(1, 3)];
        assert_eq!(hash(&[whole]), hash(&parts));
    }

    #[test]
    fn order_values_names_and_types_count() {
        let base = hash(&[one("a", Int64Array::from(vec![1, 2]))]);
        for other in [
            one("a", Int64Array::from(vec![2, 1])),
            one("a", Int64Array::from(vec![1, 2, 2])),
            one("b", Int64Array::from(vec![1, 2])),
            one("a", arrow::array::Int32Array::from(vec![1, 2])),
            one("a", Int64Array::from(vec![Some(1), None])),
        ] {
            assert_ne!(hash(&[other]), base);
        }
        let shifted =
            |left: &str, right: &str| hash(&[one("a", StringArray::from(vec![left, right]))]);
        assert_ne!(shifted("ab", "c"), shifted("a", "bc"));
        let null = one("a", Int64Array::from(vec![None, Some(1)]));
        assert_ne!(hash(&[null]), hash(&[one("a", Int64Array::from(vec![0, 1]))]));
        let empty = one("a", StringArray::from(vec![Some("")]));
        assert_ne!(hash(&[empty]), hash(&[one("a", StringArray::from(vec![None::<&str>]))]));
    }

    #[test]
    fn text_is_text_however_the_engine_holds_it() {
        let values = vec![Some("jansen"), None, Some("a text longer than twelve bytes")];
        let base = hash(&[one("a", StringArray::from(values.clone()))]);
        assert_eq!(hash(&[one("a", LargeStringArray::from(values.clone()))]), base);
        assert_eq!(hash(&[one("a", StringViewArray::from(values.clone()))]), base);
        let dictionary: DictionaryArray<Int32Type> = values.into_iter().collect();
        assert_eq!(hash(&[one("a", dictionary)]), base);
    }

    #[test]
    fn what_lies_under_a_null_does_not_count() {
        let nulls = NullBuffer::from(vec![true, false]);
        let array = |under: i64| {
            one("a", Int64Array::new(ScalarBuffer::from(vec![1, under]), Some(nulls.clone())))
        };
        assert_eq!(hash(&[array(7)]), hash(&[array(8)]));
        let no_null = Int64Array::new(vec![1, 2].into(), Some(NullBuffer::new_valid(2)));
        assert_eq!(hash(&[one("a", no_null)]), hash(&[one("a", Int64Array::from(vec![1, 2]))]));
    }
}
