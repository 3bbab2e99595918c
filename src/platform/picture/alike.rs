//! Whether two photos may be the same one: resized, recompressed or cropped by a
//! twentieth. A question for a person, never an answer.

use image::{DynamicImage, imageops::FilterType};
use image_hasher::{HashAlg, HasherConfig, ImageHash};

/// Bits that may differ between two pictures of one photo.
const NEAR: u32 = 8;
/// How a photo may have been cropped: the part of its width and height taken from
/// left, top, right and bottom, in hundredths. The first is the whole.
const CROPS: [[u32; 4]; 6] = [[0, 0, 0, 0], [3, 3, 2, 2], [5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5]];
const BYTES: usize = 8;

/// What a photo looks like, in eight bytes for the whole and for each crop of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alike(Vec<u8>);

impl Alike {
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What was kept; `None` when it is not of this shape.
    pub fn kept(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == BYTES * CROPS.len()).then_some(Alike(bytes))
    }

    fn views(&self) -> impl Iterator<Item = u64> {
        self.0.chunks_exact(BYTES).map(|view| view.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }

    /// Bits that differ where the two are nearest: one's whole, any view of the other.
    pub(super) fn distance(&self, other: &Alike) -> u32 {
        let nearest = |whole: Option<u64>, views: &Alike| {
            views.views().map(|view| whole.map_or(64, |whole| (whole ^ view).count_ones())).min().unwrap_or(64)
        };
        nearest(self.views().next(), other).min(nearest(other.views().next(), self))
    }

    /// Whether a person should look if these are one photo.
    pub fn may_be(&self, other: &Alike) -> bool {
        self.distance(other) <= NEAR
    }
}

pub fn alike(picture: &DynamicImage) -> Alike {
    let small = picture.resize_exact(256, 256, FilterType::Triangle).grayscale();
    let hasher = HasherConfig::with_bytes_type::<[u8; BYTES]>()
        .hash_size(8, 8)
        .hash_alg(HashAlg::Median)
        .preproc_dct()
        .resize_filter(FilterType::Triangle)
        .to_hasher();
    let view = |[left, top, right, bottom]: [u32; 4]| -> ImageHash<[u8; BYTES]> {
        let at = |hundredths: u32| 256 * hundredths / 100;
        hasher.hash_image(&small.crop_imm(at(left), at(top), 256 - at(left + right), 256 - at(top + bottom)))
    };
    Alike(CROPS.into_iter().flat_map(|crop| view(crop).into_inner()).collect())
}
