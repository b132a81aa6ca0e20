# SPDX-License-Identifier: Apache-2.0
"""What fetch_model.py needs of a model hub."""
