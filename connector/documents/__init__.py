"""Documents that a step leaves: their data, their numbers and codes, and the PDF."""

from connector.documents.order import Order
from connector.documents.renderer import TypstRenderer
from connector.documents.service import DocumentService, MadeDocument

__all__ = ["DocumentService", "MadeDocument", "Order", "TypstRenderer"]
