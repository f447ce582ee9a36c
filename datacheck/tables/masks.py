"""Masks that lie in files of their own: mask directories, the images beside them, and every mask in one table."""

from __future__ import annotations

from datacheck.tables.model import (
    BOOL,
    F64,
    I32,
    I64,
    IMAGE_JOIN,
    LABEL,
    ROW,
    SOURCE,
    SOURCE_JOIN,
    TEXT,
    Column,
    Join,
    Table,
)

FILE_TABLES = ("mask_sets", "mask_files", "image_files")
"""Tables whose rows are files, or folders of them: a finding's path is the row's."""
UNREAD = "the file could not be read"
MANY = f"{UNREAD}, or it has over 65,536 different values, as continuous maps have"
EMPTY = f"it is empty, or {MANY}"
FILE_KINDS = "png, jpeg, gif, webp, bmp, tiff, npy, npz, pt, html, text, lfs-pointer or other"
_FILE = (
    ROW, SOURCE,
    Column("ordinal", I64, "position among the files of its source, in the order of their names, from 0"),
    Column("path", TEXT, "the path as the user would type it"),
    Column("name", TEXT, "the path below the folder of its source"),
    Column("stem", TEXT, "the name that an image and its masks share"),
    Column("kind", LABEL, f"what the content says it is: {FILE_KINDS}", null="it is empty, or could not be opened"),
    Column("extension", TEXT, "ending of the name in lower case, without the dot"),
)  # fmt: skip

MASK_FILES = Table("mask_files", "MSK", "one file of masks: a label map, the mask of one object, a stack of masks", (
    *_FILE,
    Column("object", TEXT, "which object of the image it is, by its name", null="it holds all masks of its image"),
    Column("set_row", I64, "row of its image's masks in `mask_sets`"),
    Column("state", LABEL, "ok, empty (no bytes), truncated, corrupt, not-a-mask (text, HTML, another kind of file), lfs-pointer, too-large, "
           "pickled, object-array, bad-header (the header disagrees with the file), unsupported, not-installed (a .pt without torch), "
           "unreadable (cannot be opened, or no regular file), worker-died or interrupted (the scan was)"),
    Column("readable", BOOL, "it could be read", null="it takes torch, which is not installed: pip install 'datacheck[batches]'; or the scan was interrupted"),
    Column("detail", TEXT, "what is wrong, or worth knowing of how it was read, in words", null="nothing is to be said"),
    Column("size_bytes", I64, "size on disk", "byte", "it could not be opened"),
    Column("width", I64, "width of the masks", "px", UNREAD),
    Column("height", I64, "height of the masks", "px", UNREAD),
    Column("mode", LABEL, "how pixels are stored: bilevel, grey, grey-alpha, palette, rgb, rgba, cmyk, bool, integer or float", null=UNREAD),
    Column("bit_depth", I32, "bits of one value", "bit", UNREAD),
    Column("dtype", LABEL, "numpy's name of the array's type", null="it is no array"),
    Column("shape", TEXT, "the array's shape, as 3x480x640", null="it is no array"),
    Column("frame_count", I32, "frames of an animation or pages; 1 for all else", null=UNREAD),
    Column("content", LABEL, "what the values are: empty (all zero), binary (zero and one other), labels (ids), colours (ids as RGB), soft (fractions, "
           "or greys around two values as resizing leaves them), continuous (a picture or scores rather than ids) or stack (one mask a channel)", null=UNREAD),
    Column("mask_count", I32, "masks stacked in the file; 1 for a map", null=UNREAD),
    Column("value_count", I64, "distinct values, zero included", null=MANY),
    Column("value_min", F64, "smallest finite value", null=UNREAD),
    Column("value_max", F64, "largest finite value", null=UNREAD),
    Column("values", TEXT, "the first eight distinct values, joined by commas", null=MANY),
    Column("fraction_count", I64, "values that are no whole numbers", null=UNREAD),
    Column("nonfinite_count", I64, "values that are NaN or infinite", null=UNREAD),
    Column("segment_count", I64, "segments: distinct values but zero (and but 255 where ids lie below 128); of a stack, masks that are not empty", null=MANY),
    Column("area", I64, "pixels that are not zero (of a stack: in any mask)", "px²", UNREAD),
    Column("share", F64, "share of the frame that these cover", null=UNREAD),
    Column("mask_x", I64, "left-most pixel that is not zero", "px", "it is empty"),
    Column("mask_y", I64, "top-most pixel that is not zero", "px", "it is empty"),
    Column("mask_w", I64, "columns from the left-most to the right-most, both included", "px", "it is empty"),
    Column("mask_h", I64, "rows from the top-most to the bottom-most, both included", "px", "it is empty"),
    Column("largest_id", I64, "value (of a stack: position) of the segment with the most pixels", null=EMPTY),
    Column("largest_area", I64, "pixels of that segment", "px²", EMPTY),
    Column("largest_share", F64, "share of the frame that it covers", null=EMPTY),
    Column("missing_id_count", I64, "whole numbers from 1 to the largest id that no pixel has", null="it holds no ids"),
    Column("overlap_count", I64, "pixels in more than one mask of a stack", "px²", "it is no stack"),
    Column("gap_count", I64, "pixels in no mask of a stack", "px²", "it is no stack"),
    Column("constant_mask_count", I32, "masks of a stack that are one value throughout", "", "it is no stack"),
    Column("component_count", I64, "connected segments (8 neighbours) of all that is not zero", "", "it is empty, or no map of at most 4,096 values", "components"),
    Column("largest_component", I64, "pixels of the largest of them", "px²", "it is empty, or no map of at most 4,096 values", "components"),
    Column("content_key", I64, "a hash of size and pixels: equal masks have equal keys", null=UNREAD),
    Column("copy_count", I32, "mask files of this source with exactly these pixels, this one included; 1 for empty masks", null=UNREAD),
    Column("copy_first", I64, "row of the first of them", null=UNREAD),
    Column("copy_name", TEXT, "its name", null=UNREAD),
    Column("copy_in_image", BOOL, "it is a mask of the same image", null=UNREAD),
    Column("has_record", BOOL, "metadata.csv has a row for it", null="there is no metadata.csv that could be read to its end"),
    Column("recorded_area", F64, "area in metadata.csv", "px²", "metadata.csv has none that is a number, or its row for it is not certain (fields too many or too few, two rows of one id)"),
    Column("recorded_x", F64, "bbox_x0 in metadata.csv", "px", "metadata.csv has none that is a number, or its row for it is not certain (fields too many or too few, two rows of one id)"),
    Column("recorded_y", F64, "bbox_y0 in metadata.csv", "px", "metadata.csv has none that is a number, or its row for it is not certain (fields too many or too few, two rows of one id)"),
    Column("recorded_w", F64, "bbox_w in metadata.csv: right-most less left-most pixel, one less than mask_w", "px", "metadata.csv has none that is a number, or its row for it is not certain (fields too many or too few, two rows of one id)"),
    Column("recorded_h", F64, "bbox_h in metadata.csv", "px", "metadata.csv has none that is a number, or its row for it is not certain (fields too many or too few, two rows of one id)"),
    Column("predicted_iou", F64, "predicted_iou in metadata.csv (reaches just above 1)", "", "metadata.csv has none that is a finite number, or its row for it is not certain"),
    Column("stability_score", F64, "stability_score in metadata.csv", "", "metadata.csv has none that is a finite number, or its row for it is not certain"),
    Column("bad_number_count", I32, "fields of its row in metadata.csv that are NaN, infinite or no number", null="metadata.csv has no row for it that is certain"),
), {"mask_set": Join("mask_sets", "set_row"), "source": SOURCE_JOIN})  # fmt: skip

MASK_SETS = Table("mask_sets", "MSK", "all masks of one image: one label map, or one file for each object", (
    ROW, SOURCE,
    Column("ordinal", I64, "position among those of its source, in the order of their stems, from 0"),
    Column("path", TEXT, "the mask file, or the folder that holds the image's mask files, or the image that has none"),
    Column("stem", TEXT, "the name that an image and its masks share"),
    Column("file_count", I64, "mask files"),
    Column("readable_count", I64, "mask files that could be read"),
    Column("segment_count", I64, "segments in all of them: of label maps the ids, of files for one object those that are not empty",
           null="none of its files could be read, or there are none"),
    Column("empty_file_count", I64, "mask files that are zero throughout"),
    Column("largest_share", F64, "share of the frame that the largest segment covers", null="none could be read, or all are empty"),
    Column("largest_area", I64, "pixels of that segment", "px²", "none could be read, or all are empty"),
    Column("width", I64, "width of its masks", "px", "none could be read, or they differ in size"),
    Column("height", I64, "height of its masks", "px", "none could be read, or they differ in size"),
    Column("size_count", I64, "different sizes among its mask files"),
    Column("images_known", BOOL, "a folder of images belongs to the source"),
    Column("image_file_row", I64, "row of its image in `image_files`", null="no image has this name"),
    Column("image_count", I64, "image files of this name; `image_file_row` is the first of them"),
    Column("nearest", TEXT, "of a mask without an image: the most similar name of an image without masks; of that image: the mask's name", null="none is similar, or none is needed"),
    Column("masked_elsewhere", BOOL, "of an image without masks: another folder has masks for it", null="it has masks, or no image"),
    Column("folder_has_masks", BOOL, "of an image without masks: another image of the same folder has masks", null="it has masks, or no image"),
    Column("metadata_state", LABEL, "ok, missing, unreadable or malformed", null="this layout has no metadata.csv"),
    Column("metadata_detail", TEXT, "what is wrong with metadata.csv, in words", null="nothing is"),
    Column("unlisted_count", I64, "mask files that metadata.csv has no row for", null="there is no metadata.csv that could be read to its end"),
    Column("absent_count", I64, "rows of metadata.csv whose mask file is not there", null="there is no readable metadata.csv"),
    Column("absent", TEXT, "the first of these files, joined by commas", null="there is none"),
    Column("recorded_count", I64, "mask files whose area or box metadata.csv says", null="there is no readable metadata.csv"),
    Column("record_differs_count", I64, "those of them whose area or box is another (by over 0.5 px)", null="there is no readable metadata.csv"),
    Column("bad_record_count", I64, "mask files whose row in metadata.csv has a field that is NaN, infinite or no number", null="there is no readable metadata.csv"),
), {"image_file": Join("image_files", "image_file_row"), "source": SOURCE_JOIN})  # fmt: skip

IMAGE_FILES = Table("image_files", "IMG", "one image file beside masks; known from its header and its end, its pixels are not decoded", (
    *_FILE,
    Column("state", LABEL, "ok, empty (no bytes), truncated, corrupt, not-an-image (text, HTML, another kind of file), lfs-pointer, too-large, "
           "unsupported, unreadable or repeated (judged with an earlier folder of masks, whose image it is too)"),
    Column("detail", TEXT, "what is wrong, in words", null="nothing is"),
    Column("size_bytes", I64, "size on disk", "byte", "it could not be opened"),
    Column("width", I64, "width as stored", "px", UNREAD),
    Column("height", I64, "height as stored", "px", UNREAD),
    Column("orientation", I32, "EXIF orientation, 1 to 8; 5 to 8 swap width and height for most viewers and cv2, not for PIL", null="there is none"),
    Column("mode", LABEL, "bilevel, grey, grey-alpha, palette, rgb, rgba or cmyk", null=UNREAD),
    Column("bit_depth", I32, "bits of one value", "bit", UNREAD),
    Column("frame_count", I32, "frames of an animation; 1 for all else", null=UNREAD),
    Column("image_row", I64, "row of the record in `images` that names it (SA-1B)", null="no record names it"),
), {"image": IMAGE_JOIN, "source": SOURCE_JOIN})  # fmt: skip

MASKS = Table("masks", "MSK", "one mask, wherever it is kept: polygons, RLE, an id of a label map, a file, a channel of a stack, a panoptic segment", (
    ROW, SOURCE,
    Column("kind", LABEL, "polygons, flat, rle, rle-list, label, colour, object (a file of its own), channel or panoptic; of files without segments of their own the whole file: "
           "soft, continuous, or labels, colours or stack (over 4,096 segments)"),
    Column("image_name", TEXT, "file name of its image (of mask files: the stem)", null="it belongs to none"),
    Column("id", I64, "the annotation's or segment's id, the value in the label map, or the channel", null="it has none that is an integer"),
    Column("width", I64, "width of the frame", "px", "it is not known"),
    Column("height", I64, "height of the frame", "px", "it is not known"),
    Column("area", F64, "pixels (polygons: by the shoelace formula)", "px²", "it could not be measured"),
    Column("share", F64, "share of the frame that it covers", null="it could not be measured, or its frame is not known"),
    Column("mask_x", F64, "left edge", "px", "it is empty, or could not be measured"),
    Column("mask_y", F64, "top edge", "px", "it is empty, or could not be measured"),
    Column("mask_w", F64, "width of its box", "px", "it is empty, or could not be measured"),
    Column("mask_h", F64, "height of its box", "px", "it is empty, or could not be measured"),
    Column("annotation_row", I64, "row of its annotation", null="it is in no annotation"),
    Column("segment_row", I64, "row of its panoptic segment", null="it is no panoptic segment"),
    Column("file_row", I64, "row of its file in `mask_files`", null="it is in no mask file"),
), {"annotation": Join("annotations", "annotation_row"), "segment": Join("segments", "segment_row"),
    "file": Join("mask_files", "file_row"), "source": SOURCE_JOIN})  # fmt: skip
