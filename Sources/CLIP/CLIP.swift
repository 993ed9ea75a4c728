// One import for a program that embeds texts and pictures.
@_exported import Imaging
@_exported import Models
@_exported import Tokenizers
