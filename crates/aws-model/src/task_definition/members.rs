//! The members of RegisterTaskDefinition's input, as the public model of ECS (2014-11-13) has them [MODEL]. Log drivers are open: an
//! instance may have others (aws/amazon-ecs-agent#2286 [OBS]).

/// What a member is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    OneOf(&'static [&'static str]),
    Whole,
    TrueOrFalse,
    List(&'static Kind),
    Map(&'static Kind),
    Structure(&'static [Member]),
}

/// A member of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
}

/// Whether a member has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

const fn optional(name: &'static str, kind: Kind) -> Member {
    Member {
        name,
        kind,
        presence: Presence::Optional,
    }
}

const fn required(name: &'static str, kind: Kind) -> Member {
    Member {
        name,
        kind,
        presence: Presence::Required,
    }
}

pub(super) const INPUT: &[Member] = &[
    required("family", Kind::Text),
    optional("taskRoleArn", Kind::Text),
    optional("executionRoleArn", Kind::Text),
    optional(
        "networkMode",
        Kind::OneOf(&["bridge", "host", "awsvpc", "none"]),
    ),
    required(
        "containerDefinitions",
        Kind::List(&Kind::Structure(CONTAINER_DEFINITION)),
    ),
    optional("volumes", Kind::List(&Kind::Structure(VOLUME))),
    optional(
        "placementConstraints",
        Kind::List(&Kind::Structure(TASK_DEFINITION_PLACEMENT_CONSTRAINT)),
    ),
    optional(
        "requiresCompatibilities",
        Kind::List(&Kind::OneOf(&[
            "EC2",
            "FARGATE",
            "EXTERNAL",
            "MANAGED_INSTANCES",
        ])),
    ),
    optional("cpu", Kind::Text),
    optional("memory", Kind::Text),
    optional("tags", Kind::List(&Kind::Structure(TAG))),
    optional("pidMode", Kind::OneOf(&["host", "task"])),
    optional("ipcMode", Kind::OneOf(&["host", "task", "none"])),
    optional("proxyConfiguration", Kind::Structure(PROXY_CONFIGURATION)),
    optional(
        "inferenceAccelerators",
        Kind::List(&Kind::Structure(INFERENCE_ACCELERATOR)),
    ),
    optional("ephemeralStorage", Kind::Structure(EPHEMERAL_STORAGE)),
    optional("runtimePlatform", Kind::Structure(RUNTIME_PLATFORM)),
    optional("enableFaultInjection", Kind::TrueOrFalse),
];

const RUNTIME_PLATFORM: &[Member] = &[
    optional("cpuArchitecture", Kind::OneOf(&["X86_64", "ARM64"])),
    optional(
        "operatingSystemFamily",
        Kind::OneOf(&[
            "WINDOWS_SERVER_2019_FULL",
            "WINDOWS_SERVER_2019_CORE",
            "WINDOWS_SERVER_2016_FULL",
            "WINDOWS_SERVER_2004_CORE",
            "WINDOWS_SERVER_2022_CORE",
            "WINDOWS_SERVER_2022_FULL",
            "WINDOWS_SERVER_2025_CORE",
            "WINDOWS_SERVER_2025_FULL",
            "WINDOWS_SERVER_20H2_CORE",
            "LINUX",
        ]),
    ),
];

const EPHEMERAL_STORAGE: &[Member] = &[required("sizeInGiB", Kind::Whole)];

const INFERENCE_ACCELERATOR: &[Member] = &[
    required("deviceName", Kind::Text),
    required("deviceType", Kind::Text),
];

const PROXY_CONFIGURATION: &[Member] = &[
    optional("type", Kind::OneOf(&["APPMESH"])),
    required("containerName", Kind::Text),
    optional("properties", Kind::List(&Kind::Structure(KEY_VALUE_PAIR))),
];

const TAG: &[Member] = &[optional("key", Kind::Text), optional("value", Kind::Text)];

const TASK_DEFINITION_PLACEMENT_CONSTRAINT: &[Member] = &[
    optional("type", Kind::OneOf(&["memberOf"])),
    optional("expression", Kind::Text),
];

const VOLUME: &[Member] = &[
    optional("name", Kind::Text),
    optional("host", Kind::Structure(HOST_VOLUME_PROPERTIES)),
    optional(
        "dockerVolumeConfiguration",
        Kind::Structure(DOCKER_VOLUME_CONFIGURATION),
    ),
    optional(
        "efsVolumeConfiguration",
        Kind::Structure(EFSVOLUME_CONFIGURATION),
    ),
    optional(
        "s3filesVolumeConfiguration",
        Kind::Structure(S3_FILES_VOLUME_CONFIGURATION),
    ),
    optional(
        "fsxWindowsFileServerVolumeConfiguration",
        Kind::Structure(FSX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION),
    ),
    optional("configuredAtLaunch", Kind::TrueOrFalse),
];

const FSX_WINDOWS_FILE_SERVER_VOLUME_CONFIGURATION: &[Member] = &[
    required("fileSystemId", Kind::Text),
    required("rootDirectory", Kind::Text),
    required(
        "authorizationConfig",
        Kind::Structure(FSX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG),
    ),
];

const FSX_WINDOWS_FILE_SERVER_AUTHORIZATION_CONFIG: &[Member] = &[
    required("credentialsParameter", Kind::Text),
    required("domain", Kind::Text),
];

const S3_FILES_VOLUME_CONFIGURATION: &[Member] = &[
    required("fileSystemArn", Kind::Text),
    optional("rootDirectory", Kind::Text),
    optional("transitEncryptionPort", Kind::Whole),
    optional("accessPointArn", Kind::Text),
];

const EFSVOLUME_CONFIGURATION: &[Member] = &[
    required("fileSystemId", Kind::Text),
    optional("rootDirectory", Kind::Text),
    optional("transitEncryption", Kind::OneOf(&["ENABLED", "DISABLED"])),
    optional("transitEncryptionPort", Kind::Whole),
    optional(
        "authorizationConfig",
        Kind::Structure(EFSAUTHORIZATION_CONFIG),
    ),
];

const EFSAUTHORIZATION_CONFIG: &[Member] = &[
    optional("accessPointId", Kind::Text),
    optional("iam", Kind::OneOf(&["ENABLED", "DISABLED"])),
];

const DOCKER_VOLUME_CONFIGURATION: &[Member] = &[
    optional("scope", Kind::OneOf(&["task", "shared"])),
    optional("autoprovision", Kind::TrueOrFalse),
    optional("driver", Kind::Text),
    optional("driverOpts", Kind::Map(&Kind::Text)),
    optional("labels", Kind::Map(&Kind::Text)),
];

const HOST_VOLUME_PROPERTIES: &[Member] = &[optional("sourcePath", Kind::Text)];

const CONTAINER_DEFINITION: &[Member] = &[
    optional("name", Kind::Text),
    optional("image", Kind::Text),
    optional(
        "repositoryCredentials",
        Kind::Structure(REPOSITORY_CREDENTIALS),
    ),
    optional("cpu", Kind::Whole),
    optional("memory", Kind::Whole),
    optional("memoryReservation", Kind::Whole),
    optional("links", Kind::List(&Kind::Text)),
    optional("portMappings", Kind::List(&Kind::Structure(PORT_MAPPING))),
    optional("essential", Kind::TrueOrFalse),
    optional("restartPolicy", Kind::Structure(CONTAINER_RESTART_POLICY)),
    optional("entryPoint", Kind::List(&Kind::Text)),
    optional("command", Kind::List(&Kind::Text)),
    optional("environment", Kind::List(&Kind::Structure(KEY_VALUE_PAIR))),
    optional(
        "environmentFiles",
        Kind::List(&Kind::Structure(ENVIRONMENT_FILE)),
    ),
    optional("mountPoints", Kind::List(&Kind::Structure(MOUNT_POINT))),
    optional("volumesFrom", Kind::List(&Kind::Structure(VOLUME_FROM))),
    optional("linuxParameters", Kind::Structure(LINUX_PARAMETERS)),
    optional("secrets", Kind::List(&Kind::Structure(SECRET))),
    optional(
        "dependsOn",
        Kind::List(&Kind::Structure(CONTAINER_DEPENDENCY)),
    ),
    optional("startTimeout", Kind::Whole),
    optional("stopTimeout", Kind::Whole),
    optional("versionConsistency", Kind::OneOf(&["enabled", "disabled"])),
    optional("hostname", Kind::Text),
    optional("user", Kind::Text),
    optional("workingDirectory", Kind::Text),
    optional("disableNetworking", Kind::TrueOrFalse),
    optional("privileged", Kind::TrueOrFalse),
    optional("readonlyRootFilesystem", Kind::TrueOrFalse),
    optional("dnsServers", Kind::List(&Kind::Text)),
    optional("dnsSearchDomains", Kind::List(&Kind::Text)),
    optional("extraHosts", Kind::List(&Kind::Structure(HOST_ENTRY))),
    optional("dockerSecurityOptions", Kind::List(&Kind::Text)),
    optional("interactive", Kind::TrueOrFalse),
    optional("pseudoTerminal", Kind::TrueOrFalse),
    optional("dockerLabels", Kind::Map(&Kind::Text)),
    optional("ulimits", Kind::List(&Kind::Structure(ULIMIT))),
    optional("logConfiguration", Kind::Structure(LOG_CONFIGURATION)),
    optional("healthCheck", Kind::Structure(HEALTH_CHECK)),
    optional(
        "systemControls",
        Kind::List(&Kind::Structure(SYSTEM_CONTROL)),
    ),
    optional(
        "resourceRequirements",
        Kind::List(&Kind::Structure(RESOURCE_REQUIREMENT)),
    ),
    optional(
        "firelensConfiguration",
        Kind::Structure(FIRELENS_CONFIGURATION),
    ),
    optional("credentialSpecs", Kind::List(&Kind::Text)),
];

const FIRELENS_CONFIGURATION: &[Member] = &[
    required("type", Kind::OneOf(&["fluentd", "fluentbit"])),
    optional("options", Kind::Map(&Kind::Text)),
];

const RESOURCE_REQUIREMENT: &[Member] = &[
    required("value", Kind::Text),
    required("type", Kind::OneOf(&["GPU", "InferenceAccelerator"])),
];

const SYSTEM_CONTROL: &[Member] = &[
    optional("namespace", Kind::Text),
    optional("value", Kind::Text),
];

const HEALTH_CHECK: &[Member] = &[
    required("command", Kind::List(&Kind::Text)),
    optional("interval", Kind::Whole),
    optional("timeout", Kind::Whole),
    optional("retries", Kind::Whole),
    optional("startPeriod", Kind::Whole),
];

const LOG_CONFIGURATION: &[Member] = &[
    required("logDriver", Kind::Text),
    optional("options", Kind::Map(&Kind::Text)),
    optional("secretOptions", Kind::List(&Kind::Structure(SECRET))),
];

const ULIMIT: &[Member] = &[
    required(
        "name",
        Kind::OneOf(&[
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack",
        ]),
    ),
    required("softLimit", Kind::Whole),
    required("hardLimit", Kind::Whole),
];

const HOST_ENTRY: &[Member] = &[
    required("hostname", Kind::Text),
    required("ipAddress", Kind::Text),
];

const CONTAINER_DEPENDENCY: &[Member] = &[
    required("containerName", Kind::Text),
    required(
        "condition",
        Kind::OneOf(&["START", "COMPLETE", "SUCCESS", "HEALTHY"]),
    ),
];

const SECRET: &[Member] = &[
    required("name", Kind::Text),
    required("valueFrom", Kind::Text),
];

const LINUX_PARAMETERS: &[Member] = &[
    optional("capabilities", Kind::Structure(KERNEL_CAPABILITIES)),
    optional("devices", Kind::List(&Kind::Structure(DEVICE))),
    optional("initProcessEnabled", Kind::TrueOrFalse),
    optional("sharedMemorySize", Kind::Whole),
    optional("tmpfs", Kind::List(&Kind::Structure(TMPFS))),
    optional("maxSwap", Kind::Whole),
    optional("swappiness", Kind::Whole),
];

const TMPFS: &[Member] = &[
    required("containerPath", Kind::Text),
    required("size", Kind::Whole),
    optional("mountOptions", Kind::List(&Kind::Text)),
];

const DEVICE: &[Member] = &[
    required("hostPath", Kind::Text),
    optional("containerPath", Kind::Text),
    optional(
        "permissions",
        Kind::List(&Kind::OneOf(&["read", "write", "mknod"])),
    ),
];

const KERNEL_CAPABILITIES: &[Member] = &[
    optional("add", Kind::List(&Kind::Text)),
    optional("drop", Kind::List(&Kind::Text)),
];

const VOLUME_FROM: &[Member] = &[
    optional("sourceContainer", Kind::Text),
    optional("readOnly", Kind::TrueOrFalse),
];

const MOUNT_POINT: &[Member] = &[
    optional("sourceVolume", Kind::Text),
    optional("containerPath", Kind::Text),
    optional("readOnly", Kind::TrueOrFalse),
];

const ENVIRONMENT_FILE: &[Member] = &[
    required("value", Kind::Text),
    required("type", Kind::OneOf(&["s3"])),
];

const KEY_VALUE_PAIR: &[Member] = &[optional("name", Kind::Text), optional("value", Kind::Text)];

const CONTAINER_RESTART_POLICY: &[Member] = &[
    required("enabled", Kind::TrueOrFalse),
    optional("ignoredExitCodes", Kind::List(&Kind::Whole)),
    optional("restartAttemptPeriod", Kind::Whole),
];

const PORT_MAPPING: &[Member] = &[
    optional("containerPort", Kind::Whole),
    optional("hostPort", Kind::Whole),
    optional("protocol", Kind::OneOf(&["tcp", "udp"])),
    optional("name", Kind::Text),
    optional("appProtocol", Kind::OneOf(&["http", "http2", "grpc"])),
    optional("containerPortRange", Kind::Text),
];

const REPOSITORY_CREDENTIALS: &[Member] = &[required("credentialsParameter", Kind::Text)];
