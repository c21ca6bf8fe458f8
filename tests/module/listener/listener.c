// SPDX-License-Identifier: GPL-2.0
/*
 * Joins and leaves a multicast group on the network device "dev" again and
 * again, without the RTNL, as soft-RoCE and newer kernels' IPv6 do, until that
 * goes. "times" is how often.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/netdevice.h>

static char *dev = "lan0";
module_param(dev, charp, 0444);

static unsigned long times;
module_param(times, ulong, 0444);

static const u8 group[ETH_ALEN] = { 0x33, 0x33, 0x00, 0xbe, 0xef, 0x01 };
static struct net_device *netdev;
static struct task_struct *thread;

static int listen(void *unused)
{
	while (!kthread_should_stop()) {
		dev_mc_add(netdev, group);
		usleep_range(5, 10);
		dev_mc_del(netdev, group);
		times++;
		usleep_range(5, 10);
	}
	return 0;
}

static void stop(void)
{
	if (!thread)
		return;
	kthread_stop(thread);
	thread = NULL;
	dev_put(netdev);
}

static int event(struct notifier_block *nb, unsigned long what, void *ptr)
{
	if (what == NETDEV_UNREGISTER &&
	    netdev_notifier_info_to_dev(ptr) == netdev)
		stop();
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = event };

static int __init listener_init(void)
{
	int err;

	netdev = dev_get_by_name(&init_net, dev);
	if (!netdev)
		return -ENODEV;
	thread = kthread_run(listen, NULL, "listener");
	if (IS_ERR(thread)) {
		dev_put(netdev);
		return PTR_ERR(thread);
	}
	err = register_netdevice_notifier(&notifier);
	if (err)
		stop();
	return err;
}

/* Which tells the notifier that all devices go. */
static void __exit listener_exit(void)
{
	unregister_netdevice_notifier(&notifier);
}

module_init(listener_init);
module_exit(listener_exit);

MODULE_DESCRIPTION("Multicast memberships without the RTNL");
MODULE_LICENSE("GPL");
