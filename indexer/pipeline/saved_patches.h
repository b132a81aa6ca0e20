// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/records.h"
#include "indexer/pipeline/index_run.h"
#include "indexer/pipeline/read_tile.h"

namespace clippath {

/// Makes the folder that the pictures of a slide go to. Nothing where the run saves none.
/// Fails: kInternal.
Result<void> make_picture_folder(const IndexRun& run, const SlideId& slide);

/// Saves a tile as it was read, once nothing can drop it any more, where the run saves pictures.
/// Durable when it returns: a stored patch always has its picture. A failure, such as a full disk,
/// ends the run.
void save_picture(IndexRun& run, const TilePicture& tile);

/// True if the run saves pictures and one of those of these series of a stored slide is missing:
/// the slide must be read again. Fails: as Records::each_patch_of.
Result<bool> lacks_pictures(const IndexRun& run, const SlideRecord& stored,
                            const std::vector<SeriesRecord>& wanted);

}  // namespace clippath
