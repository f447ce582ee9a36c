"""Every table and column that datacheck knows: name, Arrow type, unit, meaning.

Rules, messages and queries may use exactly these names. A column that a kernel measures says which one; all others come
from reading or from merging what was read. `joins` lists the records that a row can reach by name: in a rule over
`annotations`, `image.width` is the width of the joined image, and `image IS NULL` says that no such image exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

BOOL, I32, I64, F64, TEXT, LABEL, TEXTS = "bool", "int32", "int64", "double", "string", "label", "list<string>"
"""Type names. `label` is a string with few distinct values, kept as a dictionary."""


@dataclass(frozen=True)
class Column:
    """One column: `null` says, in words that fit after "because", why a value may be missing."""

    name: str
    type: str
    doc: str
    unit: str = ""
    null: str = ""
    kernel: str = ""

    @property
    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        return {
            BOOL: pa.bool_(), I32: pa.int32(), I64: pa.int64(), F64: pa.float64(), TEXT: pa.string(),
            LABEL: pa.dictionary(pa.int8(), pa.string()), TEXTS: pa.list_(pa.string()),
        }[self.type]  # fmt: skip


@dataclass(frozen=True)
class Join:
    """A record reachable from a row: row `row_column` of table `table`."""

    table: str
    row_column: str


@dataclass(frozen=True)
class Table:
    name: str
    prefix: str
    doc: str
    columns: tuple[Column, ...]
    joins: Mapping[str, Join] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def schema(self) -> pa.Schema:
        import pyarrow as pa

        return pa.schema([(column.name, column.arrow) for column in self.columns])


KIND_NAMES = ("integer", "float", "string", "bool", "big", "null", "absent", "other")
KINDS = "integer, float, string, bool, big (past 64 bits), null, absent or other (a list or an object)"


def _identity(name: str, what: str) -> tuple[Column, ...]:
    """The columns of one id: ids come as integers, strings, floats and worse, and must still be joined and shown."""
    return (
        Column(name, I64, f"{what}, when it is an integer of at most 64 bits", null="it is not an integer"),
        Column(f"{name}_text", TEXT, f"{what} as it stands in the file, when it is anything but such an integer"),
        Column(f"{name}_kind", LABEL, f"how {what} is written: {KINDS}"),
        Column(f"{name}_key", I64, f"{what} as a key for joins: equal keys are equal ids (1.0 equals 1, \"1\" does not)",
               null="there is no usable id"),
    )  # fmt: skip


ROW = Column("row", I64, "number of the row in this table, from 0")
SOURCE = Column("source", I32, "row of the source in `sources`")
ORDINAL = Column("ordinal", I64, "position in its section of the file, from 0")
BOX = (
    Column("has_bbox", BOOL, "the record has a bbox"),
    Column("bbox_length", I32, "how many values the bbox holds", null="there is no readable bbox"),
    Column("box_x", F64, "left edge", "px", "there is no readable bbox of four numbers"),
    Column("box_y", F64, "top edge", "px", "there is no readable bbox of four numbers"),
    Column("box_w", F64, "width of the box", "px", "there is no readable bbox of four numbers"),
    Column("box_h", F64, "height of the box", "px", "there is no readable bbox of four numbers"),
)
AREA = (
    Column("has_area", BOOL, "the record has an area"),
    Column("area", F64, "recorded area", "px²", "there is no readable area"),
    Column("has_iscrowd", BOOL, "the record has iscrowd"),
    Column("iscrowd", F64, "recorded iscrowd", "", "there is no readable iscrowd"),
)
IMAGE_JOIN = Join("images", "image_row")
SOURCE_JOIN = Join("sources", "source")
CATEGORY_JOIN = Join("categories", "category_row")

DATASETS = Table("datasets", "SRC", "what was scanned together; one row", (
    ROW,
    Column("paths", TEXT, "the paths as given, joined by commas"),
    Column("reported_count", I64, "inputs that were not recognised and have a finding of their own: required, or with a fault"),
    Column("source_count", I64, "inputs found"),
    Column("recognised_count", I64, "inputs whose format was recognised"),
    Column("expected_splits", TEXTS, "splits that are expected", null="none are expected"),
    Column("missing_splits", TEXT, "expected splits that no source's path names, joined by commas", null="none is missing"),
))  # fmt: skip

SOURCES = Table("sources", "SRC", "one input: a file that was looked at, with what its records have in common", (
    ROW, SOURCE,
    Column("path", TEXT, "the path as the user gave it"),
    Column("format", LABEL, "coco-instances, coco-keypoints, coco-panoptic, coco-captions, coco-image-info, lvis, roboflow, "
           "results, sa-1b, amg-rle, sam2-masks; NULL when not recognised", null="its format was not recognised"),
    Column("task", LABEL, "instances, keypoints, panoptic, captions, image-info, results or masks",
           null="its format was not recognised"),
    Column("recognised", BOOL, "its format was recognised"),
    Column("readable", BOOL, "it could be opened, and is not empty"),
    Column("required", BOOL, "it must be recognised: it was named itself, without --skip-unrecognised"),
    Column("found_keys", TEXT, "its first top-level keys, or what it is instead", null="it could not be read"),
    Column("size_bytes", I64, "size on disk", "byte"),
    Column("encoding", LABEL, "utf-8, utf-8-bom, utf-16 or utf-32"),
    Column("compression", LABEL, "gzip", null="it is not compressed"),
    Column("image_count", I64, "records in `images`"),
    Column("annotation_count", I64, "records in `annotations` (or results, or masks)"),
    Column("category_count", I64, "records in `categories`"),
    Column("fault_count", I64, "rows in `faults`"),
    Column("annotations_pointer", LABEL, "JSON pointer to its list of annotations: /annotations, or empty where the file is one, "
           "or /masklet or /masks (SAM 2)"),
    Column("has_images", BOOL, "the file has an `images` section"),
    Column("has_annotations", BOOL, "the file has an `annotations` section, or is a list"),
    Column("has_categories", BOOL, "the file has a `categories` section"),
    Column("image_id_kind", LABEL, "how images[].id is written throughout: integer, float, string or mixed", null="there is none"),
    Column("annotation_id_kind", LABEL, "the same for annotations[].id", null="there is none"),
    Column("annotation_image_id_kind", LABEL, "the same for annotations[].image_id", null="there is none"),
    Column("category_id_kind", LABEL, "the same for categories[].id", null="there is none"),
    Column("annotation_category_id_kind", LABEL, "the same for annotations[].category_id", null="there is none"),
    Column("duplicate_annotation_id_count", I64, "annotations whose id an earlier annotation has"),
    Column("annotation_id_0_count", I64, "annotations whose id is 0"),
    Column("unidentified_image_count", I64, "images without a usable id"),
    Column("unidentified_category_count", I64, "categories without a usable id"),
    Column("truth_source", I32, "for results: the row of the scanned source that shares most of its image ids, at least half",
           null="it holds no results, or no such source was scanned beside it"),
    Column("lost_image_count", I64, "entries of `images` that could not be read", null="the section is cut, so that nobody knows"),
    Column("lost_annotation_count", I64, "the same of `annotations`", null="the section is cut, so that nobody knows"),
    Column("lost_category_count", I64, "the same of `categories`", null="the section is cut, so that nobody knows"),
    Column("dangling_image_id_count", I64, "distinct image ids that annotations name and no image has"),
    Column("dangling_category_id_count", I64, "distinct category ids that annotations or segments name and no category has"),
    Column("dangling_image_count", I64, "annotations whose image_id names no image"),
    Column("dangling_category_count", I64, "annotations whose category_id names no category"),
    Column("empty_image_count", I64, "images that no annotation names"),
    Column("unused_category_count", I64, "categories that no annotation names"),
    Column("box_count", I64, "boxes of four finite numbers"),
    Column("negative_box_count", I64, "boxes with a negative width or height, read as declared"),
    Column("normalised_box_count", I64, "boxes with all four numbers in [0, 1], on images larger than 2 px"),
    Column("normalised_reading", LABEL, "how these read: xywh, xyxy or cxcywh, if all but 2 % of them stay within [0, 1] under this "
           "reading alone; else unclear", null="there is none"),
    Column("xyxy_only_count", I64, "boxes that leave their image as [x, y, w, h] and fit as [x0, y0, x1, y1]"),
    Column("not_xyxy_count", I64, "boxes that fit as [x, y, w, h] and cannot be [x0, y0, x1, y1]"),
    Column("cxcywh_only_count", I64, "boxes that leave their image as [x, y, w, h] and fit as [centre x, centre y, w, h]"),
    Column("not_cxcywh_count", I64, "boxes that fit as [x, y, w, h] and cannot be [centre x, centre y, w, h]"),
    Column("swapped_only_count", I64, "boxes that leave their image, and fit when its width and height are swapped"),
    Column("not_swapped_count", I64, "boxes that fit their image, and would leave it were width and height swapped"),
    Column("one_based_count", I64, "boxes that end one pixel past the right or bottom edge (by 0.5 to 1.5 px)"),
    Column("not_one_based_count", I64, "boxes that start at the left or top edge (before 0.5 px)"),
    Column("outside_count", I64, "boxes that leave their image by over 1 px"),
    Column("segmentation_count", I64, "annotations with a segmentation that is not empty"),
    Column("empty_segmentation_count", I64, "annotations whose segmentation is an empty list"),
    Column("missing_segmentation_count", I64, "annotations without a segmentation"),
    Column("flat_segmentation_count", I64, "annotations whose segmentation is one flat list of numbers"),
    Column("polygon_count", I64, "annotations with polygons"),
    Column("normalised_polygon_count", I64, "annotations whose polygons lie within [0, 1] on images larger than 2 px"),
    Column("keypoint_annotation_count", I64, "annotations with at least one labelled keypoint"),
    Column("normalised_keypoint_count", I64, "annotations whose labelled keypoints lie within [0, 1] on images larger than 2 px"),
    Column("crowd_count", I64, "annotations with iscrowd = 1"),
    Column("missing_area_count", I64, "annotations without an area"),
    Column("missing_iscrowd_count", I64, "annotations without iscrowd"),
    Column("missing_annotation_id_count", I64, "annotations without an id"),
    Column("expect_task", LABEL, "the task this source is expected to be for", null="nothing is expected"),
    Column("expect_boxes", LABEL, "the declared box format: xywh, xyxy, cxcywh, normalised (xywh in [0, 1]), "
           "normalised-xyxy or normalised-cxcywh", null="nothing is declared"),
    Column("expect_masks", BOOL, "every annotation is expected to have a mask"),
    Column("expect_min_segments", I64, "the least number of annotations expected on each image", null="nothing is expected"),
    Column("expect_keypoints", I64, "the number of keypoints expected of each annotation; 0: any number", null="nothing is expected"),
    Column("expect_coco_evaluation", BOOL, "the source is expected to serve as ground truth of COCO evaluation"),
    Column("expect_class_count", I64, "the number of classes expected", null="nothing is expected"),
    Column("missing_classes", TEXT, "expected classes that no category names, joined by commas", null="none is missing"),
    Column("unexpected_classes", TEXT, "categories that are not among the expected classes, joined by commas", null="there is none"),
))  # fmt: skip

FAULTS = Table("faults", "SRC", "one thing that could not be read as the format says", (
    ROW, SOURCE,
    Column("kind", LABEL, "what is wrong; one of the names in datacheck.read.faults.FAULT_KINDS"),
    Column("section", LABEL, "images, annotations, categories or segments", null="the fault is not in a record"),
    Column("ordinal", I64, "position of the record in its section, from 0", null="the fault is not in a record"),
    Column("id_text", TEXT, "the id of the record as it stands in the file", null="it has none that could be read"),
    Column("field", TEXT, "the key in the record", null="the fault is not in one field"),
    Column("pointer", TEXT, "JSON pointer to the place"),
    Column("found", TEXT, "what stands there, shortened", null="nothing can be shown"),
    Column("detail", TEXT, "what is wrong with it, in words"),
    Column("byte_offset", I64, "where it is in the file", "byte", "it is known by its record only"),
), {"source": SOURCE_JOIN})  # fmt: skip

IMAGES = Table("images", "IMG", "one record of `images`", (
    ROW, SOURCE, ORDINAL,
    *_identity("id", "the image's id"),
    Column("id_count", I64, "images of this source that have this id", null="there is no usable id"),
    Column("id_first", I64, "position of the first image of this source with this id", null="there is no usable id"),
    Column("has_file_name", BOOL, "the record has a file_name"),
    Column("file_name", TEXT, "recorded file name", null="there is no readable file_name"),
    Column("file_name_count", I64, "images of this source with this file_name", null="there is no readable file_name"),
    Column("file_name_first", I64, "position of the first of them", null="there is no readable file_name"),
    Column("has_url", BOOL, "the record has a coco_url (LVIS v1 has no file_name)"),
    Column("has_size", BOOL, "the record has both width and height"),
    Column("width", F64, "recorded width", "px", "there is no readable width"),
    Column("height", F64, "recorded height", "px", "there is no readable height"),
    Column("annotation_count", I64, "annotations of this source that name this image"),
    Column("caption_count", I64, "captions among them"),
    Column("swapped_only_count", I64, "boxes that leave the image, and fit when its width and height are swapped"),
    Column("not_swapped_count", I64, "boxes that fit the image, and would leave it were width and height swapped"),
    Column("size_is_swapped", BOOL, "2 boxes or more leave the image and fit when its width and height are swapped, and none says "
           "otherwise"),
), {"source": SOURCE_JOIN})  # fmt: skip

CATEGORIES = Table("categories", "CAT", "one record of `categories`", (
    ROW, SOURCE, ORDINAL,
    *_identity("id", "the category's id"),
    Column("id_count", I64, "categories of this source that have this id", null="there is no usable id"),
    Column("id_first", I64, "position of the first category of this source with this id", null="there is no usable id"),
    Column("has_name", BOOL, "the record has a name"),
    Column("name", TEXT, "recorded name", null="there is no readable name"),
    Column("name_count", I64, "categories of this source with exactly this name", null="there is no readable name"),
    Column("name_first", I64, "position of the first of them", null="there is no readable name"),
    Column("name_variant_count", I64, "categories of this source with this name but for case, spaces, _ and -",
           null="there is no readable name"),
    Column("name_variant_first", I64, "position of the first of those", null="there is no readable name"),
    Column("supercategory", TEXT, "recorded supercategory", null="there is none"),
    Column("is_parent", BOOL, "another category names this one as its supercategory"),
    Column("isthing", F64, "recorded isthing (panoptic)", null="there is none"),
    Column("annotation_count", I64, "annotations (panoptic: segments) of this source that name this category"),
    Column("keypoint_count", I64, "keypoint names listed", null="there is no `keypoints` list"),
    Column("duplicate_keypoint_count", I64, "keypoint names listed twice", null="there is no `keypoints` list"),
    Column("skeleton_count", I64, "skeleton pairs listed", null="there is no readable `skeleton`"),
    Column("skeleton_min", I64, "smallest index in the skeleton (1-based by the format)", null="there is no readable `skeleton`"),
    Column("skeleton_max", I64, "largest index in the skeleton", null="there is no readable `skeleton`"),
), {"source": SOURCE_JOIN})  # fmt: skip

ANNOTATIONS = Table("annotations", "ANN", "one record of `annotations`: an object, a crowd, a caption, a result, a mask", (
    ROW, SOURCE, ORDINAL,
    *_identity("id", "the annotation's id"),
    Column("id_count", I64, "annotations of this source that have this id", null="there is no usable id"),
    Column("id_first", I64, "position of the first annotation of this source with this id", null="there is no usable id"),
    *_identity("image_id", "the id of its image"),
    Column("image_row", I64, "row of its image in `images`; of results: in the images of `source.truth_source`", null="no such image"),
    *_identity("category_id", "the id of its category"),
    Column("category_row", I64, "row of its category in `categories`; of results as for images", null="no such category"),
    *BOX,
    Column("box_copies", I64, "annotations of this image and category with exactly this box", null="there is no readable bbox"),
    Column("is_first_copy", BOOL, "no earlier annotation is such a copy", null="there is no readable bbox"),
    Column("box_is_normalised", BOOL, "all four numbers lie in [0, 1] on an image larger than 2 px",
           null="there is no readable bbox, or its image has no size"),
    Column("box_fits_xyxy", BOOL, "the box lies in its image when read as [x0, y0, x1, y1]",
           null="there is no readable bbox, or its image has no size"),
    Column("box_fits_cxcywh", BOOL, "the box lies in its image when read as [centre x, centre y, w, h]",
           null="there is no readable bbox, or its image has no size"),
    Column("box_fits_swapped", BOOL, "the box lies in its image when width and height are swapped",
           null="there is no readable bbox, or its image has no size"),
    *AREA,
    Column("segmentation_kind", LABEL, "absent, empty, polygons, flat, rle (compressed), rle-list or other (unreadable)"),
    Column("ring_count", I32, "polygon rings", "", "it has no readable polygons", "polygons"),
    Column("vertex_count", I32, "polygon vertices in all rings", "", "it has no readable polygons", "polygons"),
    Column("ring_min_numbers", I32, "numbers in the shortest ring", "", "it has no readable polygons", "polygons"),
    Column("odd_ring_count", I32, "rings with an odd number of numbers", "", "it has no readable polygons", "polygons"),
    Column("flat_ring_count", I32, "rings of 6 numbers or more that enclose no area", "", "it has no readable polygons", "polygons"),
    Column("extent_x0", F64, "left-most vertex", "px", "it has no readable polygons", "polygons"),
    Column("extent_y0", F64, "top-most vertex", "px", "it has no readable polygons", "polygons"),
    Column("extent_x1", F64, "right-most vertex", "px", "it has no readable polygons", "polygons"),
    Column("extent_y1", F64, "bottom-most vertex", "px", "it has no readable polygons", "polygons"),
    Column("polygon_area", F64, "sum of the rings' areas by the shoelace formula, overlaps counted twice", "px²",
           "it has no readable polygons", "polygons"),
    Column("rle_height", F64, "recorded size[0]", "px", "it has no RLE with a readable size"),
    Column("rle_width", F64, "recorded size[1]", "px", "it has no RLE with a readable size"),
    Column("rle_state", LABEL, "ok, short (runs sum to less than height x width), long, negative (a run below 0), malformed "
           "(characters outside the alphabet, or a cut number), bytes-repr (counts starts with b'), empty, bad-size or oversized",
           "", "it has no RLE", "rle"),
    Column("rle_run_sum", F64, "sum of the runs", "px", "it has no well-formed RLE", "rle"),
    Column("rle_area", F64, "sum of the runs of ones", "px²", "it has no well-formed RLE", "rle"),
    Column("has_keypoints", BOOL, "the record has keypoints"),
    Column("keypoints_length", I32, "numbers in keypoints", "", "there are no readable keypoints"),
    Column("labelled_keypoints", I32, "keypoints with v > 0", "", "there are no readable keypoints in triplets", "keypoints"),
    Column("visible_keypoints", I32, "keypoints with v = 2", "", "there are no readable keypoints in triplets", "keypoints"),
    Column("bad_visibility_count", I32, "keypoints whose v is not 0, 1 or 2", "", "there are no readable keypoints in triplets", "keypoints"),
    Column("keypoints_outside_box", I32, "visible (v = 2) keypoints over 1 px outside the box", "",
           "there are no readable keypoints in triplets, or no readable bbox", "keypoints"),
    Column("hidden_keypoints_outside_box", I32, "labelled but hidden (v = 1) keypoints over 1 px outside the box", "",
           "there are no readable keypoints in triplets, or no readable bbox", "keypoints"),
    Column("keypoint_x0", F64, "left-most labelled keypoint", "px", "no keypoint is labelled", "keypoints"),
    Column("keypoint_y0", F64, "top-most labelled keypoint", "px", "no keypoint is labelled", "keypoints"),
    Column("keypoint_x1", F64, "right-most labelled keypoint", "px", "no keypoint is labelled", "keypoints"),
    Column("keypoint_y1", F64, "bottom-most labelled keypoint", "px", "no keypoint is labelled", "keypoints"),
    Column("has_num_keypoints", BOOL, "the record has num_keypoints"),
    Column("num_keypoints", F64, "recorded num_keypoints", "", "there is no readable num_keypoints"),
    Column("has_score", BOOL, "the record has a score"),
    Column("score", F64, "recorded score", "", "there is no readable score"),
    Column("has_caption", BOOL, "the record has a caption"),
    Column("caption_length", I32, "characters of the caption without surrounding spaces", "", "there is no readable caption"),
    Column("file_name", TEXT, "recorded file_name (panoptic: the PNG)", "", "there is none"),
    Column("has_segments_info", BOOL, "the record has segments_info (panoptic)"),
    Column("segment_count", I32, "records in segments_info", "", "it has no readable segments_info"),
    Column("frame", I64, "frame number, from 0 (SAM 2 video masks)", "", "it is not part of a video"),
), {"image": IMAGE_JOIN, "category": CATEGORY_JOIN, "source": SOURCE_JOIN})  # fmt: skip

SEGMENTS = Table("segments", "SEG", "one record of a panoptic annotation's segments_info", (
    ROW, SOURCE,
    Column("ordinal", I64, "position of its annotation in the file, from 0"),
    Column("number", I32, "position in segments_info, from 0"),
    Column("annotation_row", I64, "row of its annotation"),
    Column("image_row", I64, "row of its image", null="no such image"),
    *_identity("id", "the segment's id"),
    Column("id_count", I64, "segments of this annotation that have this id", null="there is no usable id"),
    Column("id_first", I64, "number of the first segment of this annotation with this id", null="there is no usable id"),
    *_identity("category_id", "the id of its category"),
    Column("category_row", I64, "row of its category", null="no such category"),
    *BOX, *AREA,
), {"image": IMAGE_JOIN, "category": CATEGORY_JOIN, "source": SOURCE_JOIN,
    "annotation": Join("annotations", "annotation_row")})  # fmt: skip

TABLES: dict[str, Table] = {
    table.name: table for table in (DATASETS, SOURCES, FAULTS, IMAGES, CATEGORIES, ANNOTATIONS, SEGMENTS)
}
