"""Write what numpy, pandas, polars and Pillow own; none of them is imported before somebody has."""

from typing import Any

from charts.fingerprints.scalars import without_nan_payloads
from charts.fingerprints.values import Encoder, UndigestableError, writers

# Kinds of numpy types whose values are their bytes.
_PLAIN_KINDS = "biufcmMSUV"


def _write_array(encoder: Encoder, array: Any) -> None:
    """Write an array as type, shape and bytes in C order, whatever its strides and byte order are."""
    encoder.feed(b"A")
    if array.dtype.names:  # by field: there may be padding between them, which is not data
        encoder.sequence([*array.shape, *array.dtype.names])
        for name in array.dtype.names:
            encoder.value(array[name])
    elif array.dtype.kind not in _PLAIN_KINDS or array.dtype.isbuiltin == 2:
        encoder.sequence([str(array.dtype), *array.shape])
        encoder.sequence(array.ravel().tolist())
    elif array.dtype.char in "gG":
        _write_long_doubles(encoder, array)
    else:
        _write_block(encoder, array)


def _write_block(encoder: Encoder, array: Any) -> None:
    import numpy as np

    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    encoder.sequence([little.dtype.str, *array.shape])
    block = without_nan_payloads(little).reshape(-1)
    encoder.feed(block.view(np.uint8) if block.dtype.itemsize else b"")


def _write_long_doubles(encoder: Encoder, array: Any) -> None:
    """Write a long double as two doubles, which hold all of its digits: its own bytes have gaps."""
    encoder.sequence([array.dtype.char, *array.shape])
    double = "d" if array.dtype.char == "g" else "D"
    high = array.astype(double)
    _write_block(encoder, high)
    _write_block(encoder, (array - high).astype(double))


def _write_masked(encoder: Encoder, array: Any) -> None:
    """Write a masked array without the values that the mask hides."""
    import numpy as np

    encoder.feed(b"M")
    if array.dtype.names:
        encoder.sequence([*array.shape, *array.dtype.names])
        for name in array.dtype.names:
            _write_masked(encoder, array[name])
        return
    mask = np.ma.getmaskarray(array)
    shown = array.data.copy()
    shown[mask] = np.zeros((), dtype=array.dtype)
    _write_array(encoder, np.asarray(mask))
    _write_array(encoder, np.asarray(shown))


def _write_numpy_scalar(encoder: Encoder, value: Any) -> None:
    import numpy as np

    _write_array(encoder, np.asarray(value))


def _write_frame(encoder: Encoder, frame: Any) -> None:
    encoder.feed(b"pf")
    _write_index(encoder, frame.columns)
    _write_index(encoder, frame.index)
    for name, column in frame.items():
        _within(f"[{name!r:.60}]", _write_pandas_values, encoder, column)


def _within(place: str, write: Any, encoder: Encoder, value: Any) -> None:
    try:
        write(encoder, value)
    except UndigestableError as error:
        error.places.append(place)
        raise


def _write_series(encoder: Encoder, series: Any) -> None:
    encoder.feed(b"ps")
    encoder.value(series.name)
    _write_index(encoder, series.index)
    _write_pandas_values(encoder, series)


def _write_index(encoder: Encoder, index: Any) -> None:
    encoder.feed(b"pi")
    encoder.sequence(list(index.names))
    for level in range(index.nlevels):
        _write_pandas_values(encoder, index.get_level_values(level))


def _write_pandas_values(encoder: Encoder, values: Any) -> None:
    """Write a Series, an Index or one of pandas' arrays without name and index."""
    dtype = str(values.dtype)
    encoder.feed(b"pv")
    encoder.value(dtype)
    if type(values.dtype).__module__.partition(".")[0] == "numpy":
        _write_array(encoder, values.to_numpy())
    elif dtype == "category":
        _write_categorical(encoder, getattr(values, "cat", values))
    elif dtype.startswith("datetime64"):
        _write_array(encoder, values.to_numpy(dtype=dtype.partition(",")[0] + "]"))
    else:
        encoder.sequence(values.tolist())


def _write_categorical(encoder: Encoder, values: Any) -> None:
    _write_index(encoder, values.categories)
    encoder.value(bool(values.ordered))
    encoder.sequence(list(map(int, values.codes)))


def _write_interval(encoder: Encoder, interval: Any) -> None:
    encoder.feed(b"pn")
    encoder.sequence([interval.left, interval.right, interval.closed])


def _write_polars_frame(encoder: Encoder, frame: Any) -> None:
    encoder.feed(b"lf%d:" % frame.width)
    for column in frame.get_columns():
        _within(f"[{column.name!r:.60}]", _write_polars_series, encoder, column)


def _write_polars_series(encoder: Encoder, series: Any) -> None:
    encoder.feed(b"ls")
    encoder.sequence([series.name, str(series.dtype)])
    if series.dtype.is_numeric() and not series.null_count():
        _write_array(encoder, series.to_numpy())
    else:
        encoder.sequence(series.to_list())


def _write_image(encoder: Encoder, image: Any) -> None:
    encoder.feed(b"I")
    palette, transparency = image.getpalette(), image.info.get("transparency")
    encoder.sequence([image.mode, *image.size, palette, transparency, image.tobytes()])


writers |= {
    ("numpy", "ndarray"): _write_array,
    ("numpy", "memmap"): _write_array,
    ("numpy", "MaskedArray"): _write_masked,
    ("numpy", "generic"): _write_numpy_scalar,
    ("pandas", "DataFrame"): _write_frame,
    ("pandas", "Series"): _write_series,
    ("pandas", "Index"): _write_index,
    ("pandas", "ExtensionArray"): _write_pandas_values,
    ("pandas", "Interval"): _write_interval,
    ("polars", "DataFrame"): _write_polars_frame,
    ("polars", "Series"): _write_polars_series,
    ("PIL", "Image"): _write_image,
}
