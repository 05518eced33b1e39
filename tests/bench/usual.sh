#!/usr/bin/env bash
# What teams have who deploy to ECS without a tool: migrate, then one service after the other, then checks, then the frontend. With the
# aws CLI and its waiters as they are.
#   usual.sh VERSION SERVICE=IMAGE… ; the rest comes in the environment: APP, ENVIRONMENT, ACCOUNT, CLUSTER, MIGRATION_IMAGE, SUBNETS, GROUPS_, BUCKET,
#   DEFINITION (a file to write), DISTRIBUTION, CHECKS (addresses, by space), SIMULATOR
set -euo pipefail
version=$1
shift

# A definition from its file, with its image and version filled in, registered: its ARN.
register() {
    sed -e "s|{{ image }}|$2|; s|{{ version }}|$version|; s|{{ environment }}|$ENVIRONMENT|g; s|{{ account }}|$ACCOUNT|g; s|{{ region }}|$AWS_DEFAULT_REGION|g" "$1" >"$DEFINITION"
    aws ecs register-task-definition --cli-input-json "file://$DEFINITION" --query taskDefinition.taskDefinitionArn --output text
}

migration=$(register "$APP/migration/task-definition.json" "$MIGRATION_IMAGE:$version")
task=$(aws ecs run-task --cluster "$CLUSTER" --task-definition "$migration" --launch-type FARGATE \
    --network-configuration "awsvpcConfiguration={subnets=[$SUBNETS],securityGroups=[$GROUPS_]}" --query 'tasks[0].taskArn' --output text)
aws ecs wait tasks-stopped --cluster "$CLUSTER" --tasks "$task"
code=$(aws ecs describe-tasks --cluster "$CLUSTER" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)
[ "$code" = 0 ]

for pair in "$@"; do
    service=${pair%%=*}
    definition=$(register "$APP/services/$service/task-definition.json" "${pair#*=}:$version")
    aws ecs update-service --cluster "$CLUSTER" --service "$CLUSTER-$service" --task-definition "$definition" >/dev/null
    aws ecs wait services-stable --cluster "$CLUSTER" --services "$CLUSTER-$service"
done

for address in $CHECKS; do
    curl --silent --fail --output /dev/null "$SIMULATOR/_backstay/web?url=$address"
done

aws s3 sync "$APP/frontend/dist" "s3://$BUCKET" --delete --only-show-errors
invalidation=$(aws cloudfront create-invalidation --distribution-id "$DISTRIBUTION" --paths '/*' --query Invalidation.Id --output text)
aws cloudfront wait invalidation-completed --distribution-id "$DISTRIBUTION" --id "$invalidation"
