"""boto3 and S3, CloudFront, ECR, STS: what a release of a frontend calls."""

import hashlib

from simulator import client, done, refused

s3 = client("s3")
cloudfront = client("cloudfront")
ecr = client("ecr")
sts = client("sts")

assert sts.get_caller_identity()["Account"].isdigit()

# A lock by conditional writes.
s3.create_bucket(Bucket="release-state", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
first = s3.put_object(Bucket="release-state", Key="lock", Body=b"a", IfNoneMatch="*")
assert first["ETag"] == f'"{hashlib.md5(b"a").hexdigest()}"'
refused("PreconditionFailed", s3.put_object, Bucket="release-state", Key="lock", Body=b"b", IfNoneMatch="*")
second = s3.put_object(Bucket="release-state", Key="lock", Body=b"b", IfMatch=first["ETag"])
refused("PreconditionFailed", s3.delete_object, Bucket="release-state", Key="lock", IfMatch=first["ETag"])
assert s3.get_object(Bucket="release-state", Key="lock")["Body"].read() == b"b"
s3.delete_object(Bucket="release-state", Key="lock", IfMatch=second["ETag"])
refused("NoSuchKey", s3.get_object, Bucket="release-state", Key="lock")
for number in range(5):
    s3.put_object(Bucket="release-state", Key=f"journal/{number}", Body=b"x" * number, ContentType="text/plain")
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="release-state", PaginationConfig={"PageSize": 2}))
assert [len(page["Contents"]) for page in pages] == [2, 2, 1]
assert s3.head_object(Bucket="release-state", Key="journal/4")["ContentLength"] == 4
s3.list_buckets()

# Invalidations take their time.
[distribution] = cloudfront.list_distributions()["DistributionList"]["Items"][:1]
cloudfront.get_distribution(Id=distribution["Id"])
batch = {"Paths": {"Quantity": 1, "Items": ["/index.html"]}, "CallerReference": "release-1"}
made = cloudfront.create_invalidation(DistributionId=distribution["Id"], InvalidationBatch=batch)["Invalidation"]
again = cloudfront.create_invalidation(DistributionId=distribution["Id"], InvalidationBatch=batch)["Invalidation"]
assert made["Id"] == again["Id"] and made["Status"] == "InProgress"
cloudfront.get_waiter("invalidation_completed").wait(DistributionId=distribution["Id"], Id=made["Id"])
cloudfront.list_invalidations(DistributionId=distribution["Id"])
wrong = {"Paths": {"Quantity": 2, "Items": ["/index.html"]}, "CallerReference": "release-2"}
refused("InconsistentQuantities", cloudfront.create_invalidation, DistributionId=distribution["Id"], InvalidationBatch=wrong)

# Images by digest.
for repository in ecr.describe_repositories()["repositories"]:
    name = repository["repositoryName"]
    images = ecr.list_images(repositoryName=name)["imageIds"]
    got = ecr.batch_get_image(repositoryName=name, imageIds=images[:1] + [{"imageTag": "never-pushed"}])
    assert got["failures"][0]["failureCode"] == "ImageNotFound"
    ecr.describe_images(repositoryName=name, imageIds=images[:1])
    refused("ImageNotFoundException", ecr.describe_images, repositoryName=name, imageIds=[{"imageTag": "never-pushed"}])
refused("RepositoryNotFoundException", ecr.list_images, repositoryName="nowhere")

done()
