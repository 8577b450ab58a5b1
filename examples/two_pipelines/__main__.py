"""Two pipelines in one stack: a shop's pictures, which everybody may see, and what a club's members upload."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# The pipeline's repository. Where it is a submodule of yours: Path(__file__).resolve().parent / "image-pipeline".
sys.path.append(str(Path(__file__).resolve().parents[2]))

from image_pipeline import ImagePipeline

config = pulumi.Config()

shop = ImagePipeline(
    "shop",
    {
        "renditions": {"card": {"width": 600, "height": 600, "fit": "cover"}},
        "delivery": {"enabled": True, "origins": ["*"]},
    },
)

# A provider of its own: other tags here; another region or account would do as well.
of_the_club = aws.Provider(
    "club", region=pulumi.Config("aws").require("region"), default_tags={"tags": {"team": "club"}}
)
club = ImagePipeline(
    "club",
    {
        "namePrefix": "members",
        "page": {"access": {"code": config.require("code")}},
        "delivery": {"enabled": True},
        "subscribers": {"search": {"protocol": "sqs"}},
    },
    pulumi.ResourceOptions(provider=of_the_club),
)

pulumi.export("shop", shop.outputs)
pulumi.export("club", club.outputs)
